"""A small writer of OFD files (GB/T 33190-2016), for tests: nothing of the reader is used."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
A4 = "0 0 210 297"


def text(
    said: str, x: float, y: float, *, size: float = 4.0, delta: str | None = None, down: str | None = None, ctm: str = "",
    width: float = 180.0, start: tuple[float, float] | None = None, **more: str,
) -> str:
    """A text object whose boundary's upper left corner stands at *x*, *y*; its base line one size below, or at *start*."""
    at = start or (0.0, size)
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in more.items())
    across = f' DeltaX="{delta}"' if delta is not None else ""
    along = f' DeltaY="{down}"' if down is not None else ""
    turned = f' CTM="{ctm}"' if ctm else ""
    return (
        f'<ofd:TextObject ID="9" Font="3" Size="{size}" Boundary="{x} {y} {width} {size * 1.5}"{turned}{attributes}>'
        f'<ofd:TextCode X="{at[0]}" Y="{at[1]}"{across}{along}>{escape(said)}</ofd:TextCode></ofd:TextObject>'
    )


def picture(resource: str, x: float, y: float, width: float, height: float) -> str:
    """A picture that fills its boundary."""
    return (
        f'<ofd:ImageObject ID="8" Boundary="{x} {y} {width} {height}" CTM="{width} 0 0 {height} 0 0" ResourceID="{resource}"/>'
    )


def path(data: str, x: float, y: float, width: float, height: float, *, fill: str = "", stroke: str = "0 0 0") -> str:
    """A path; *fill* and *stroke* are colours."""
    filled = f'<ofd:FillColor Value="{fill}"/>' if fill else ""
    stroked = f'<ofd:StrokeColor Value="{stroke}"/>' if stroke else ""
    return (
        f'<ofd:PathObject ID="7" Boundary="{x} {y} {width} {height}" LineWidth="0.5" Fill="{str(bool(fill)).lower()}" '
        f'Stroke="{str(bool(stroke)).lower()}">{filled}{stroked}<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>'
    )


@dataclass
class Page:
    """A page by its objects; *template* is the number of a template page, *area* its own physical box."""

    objects: Sequence[str]
    template: int | None = None
    area: str = ""
    annotations: Sequence[str] = ()


@dataclass
class Document:
    """A document of the package."""

    pages: Sequence[Page]
    info: str = ""
    templates: Sequence[str] = ()
    resources: str = ""
    attachments: Sequence[tuple[str, str, bytes]] = ()
    """Name, file, bytes."""
    signatures: Sequence[tuple[str, bytes]] = ()
    """The SignedInfo's inner XML, and the signed value."""
    files: dict[str, bytes] = field(default_factory=dict)
    """More files below the document's folder."""


def make_ofd(*documents: Document, more: dict[str, bytes] | None = None) -> bytes:
    """The package's bytes."""
    files: dict[str, bytes] = {}
    bodies = []
    for number, document in enumerate(documents):
        folder = f"Doc_{number}"
        signed = f"<ofd:Signatures>/{folder}/Signs/Signatures.xml</ofd:Signatures>" if document.signatures else ""
        bodies.append(
            f"<ofd:DocBody><ofd:DocInfo><ofd:DocID>{number:032}</ofd:DocID>{document.info}</ofd:DocInfo>"
            f"<ofd:DocRoot>{folder}/Document.xml</ofd:DocRoot>{signed}</ofd:DocBody>"
        )
        files |= {f"{folder}/{name}": data for name, data in _document(document).items()}
    root = f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {SPACE} Version="1.0" DocType="OFD">{"".join(bodies)}</ofd:OFD>'
    return packed({"OFD.xml": root.encode()} | files | (more or {}))


def packed(files: dict[str, bytes]) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def _document(document: Document) -> dict[str, bytes]:
    files = dict(document.files)
    templates, pages, listed = [], [], []
    for number, objects in enumerate(document.templates):
        templates.append(f'<ofd:TemplatePage ID="{500 + number}" BaseLoc="Tpls/Tpl_{number}/Content.xml"/>')
        files[f"Tpls/Tpl_{number}/Content.xml"] = _page(Page([objects]))
    for number, page in enumerate(document.pages):
        pages.append(f'<ofd:Page ID="{100 + number}" BaseLoc="Pages/Page_{number}/Content.xml"/>')
        files[f"Pages/Page_{number}/Content.xml"] = _page(page)
        if page.annotations:
            listed.append(f'<ofd:Page PageID="{100 + number}"><ofd:FileLoc>Page_{number}.xml</ofd:FileLoc></ofd:Page>')
            files[f"Annots/Page_{number}.xml"] = f"<ofd:PageAnnot {SPACE}>{''.join(page.annotations)}</ofd:PageAnnot>".encode()
    rest = ""
    if listed:
        rest += "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>"
        files["Annots/Annotations.xml"] = f"<ofd:Annotations {SPACE}>{''.join(listed)}</ofd:Annotations>".encode()
    if document.attachments:
        rest += "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"
        entries = "".join(
            f'<ofd:Attachment ID="{number}" Name={quoteattr(name)}><ofd:FileLoc>{file}</ofd:FileLoc></ofd:Attachment>'
            for number, (name, file, _) in enumerate(document.attachments)
        )
        files["Attachs/Attachments.xml"] = f"<ofd:Attachments {SPACE}>{entries}</ofd:Attachments>".encode()
        files |= {f"Attachs/{file}": data for _, file, data in document.attachments}
    files |= _signatures(document)
    resources = "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>" if document.resources else ""
    if document.resources:
        files["DocumentRes.xml"] = f'<ofd:Res {SPACE} BaseLoc="Res">{document.resources}</ofd:Res>'.encode()
    root = (
        f'<ofd:Document {SPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>{A4}</ofd:PhysicalBox></ofd:PageArea>'
        f"{resources}{''.join(templates)}</ofd:CommonData><ofd:Pages>{''.join(pages)}</ofd:Pages>{rest}</ofd:Document>"
    )
    return {"Document.xml": root.encode()} | files


def _page(page: Page) -> bytes:
    area = f"<ofd:Area><ofd:PhysicalBox>{page.area}</ofd:PhysicalBox></ofd:Area>" if page.area else ""
    template = f'<ofd:Template TemplateID="{500 + page.template}"/>' if page.template is not None else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {SPACE}>{template}{area}<ofd:Content><ofd:Layer ID="2" Type="Body">'
        f"{''.join(page.objects)}</ofd:Layer></ofd:Content></ofd:Page>"
    ).encode()


def _signatures(document: Document) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    listed = ""
    for number, (info, value) in enumerate(document.signatures):
        listed += f'<ofd:Signature ID="{number}" Type="Seal" BaseLoc="Sign_{number}/Signature.xml"/>'
        files[f"Signs/Sign_{number}/SignedValue.dat"] = value
        files[f"Signs/Sign_{number}/Signature.xml"] = (
            f"<ofd:Signature {SPACE}><ofd:SignedInfo>{info}</ofd:SignedInfo><ofd:SignedValue>SignedValue.dat</ofd:SignedValue>"
            "</ofd:Signature>"
        ).encode()
    if listed:
        files["Signs/Signatures.xml"] = f"<ofd:Signatures {SPACE}>{listed}</ofd:Signatures>".encode()
    return files
