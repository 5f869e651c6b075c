"""What all sheets of a workbook share: their list, the table of strings, which formats are dates."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.docx import Progress
from unburnt.read.formats.office.office_xml import Element, attribute, child, descendants, parse_part
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import main_part, targets
from unburnt.read.formats.office.package_recovery import named_by_number, relations_or_names
from unburnt.read.formats.office.xlsx_beside import people_of
from unburnt.read.formats.office.xlsx_strings import strings
from unburnt.read.formats.office.xlsx_styles import CellFormats, cell_formats, uses_1904
from unburnt.read.formats.office.xlsx_values import Values

BESIDE = {"sharedstrings": "sharedStrings", "styles": "styles"}
"""How writers name what the sheets share; in small letters where names are compared."""
SHARED_BYTES = 256 * MIB


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook: its name and its part, empty where that is missing."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """What all sheets of one workbook share."""

    def __init__(self, package: Package, progress: Progress) -> None:
        self.package = package
        self.progress = progress
        self.main = main_part(package, "xl/workbook.xml")
        self.relations = relations_or_names(package, self.main, BESIDE)
        self.root = parse_part(package, self.main).root
        if self.root is None and not package.recovered:
            raise Damaged("The workbook's list of sheets cannot be read.")
        self.sheets = self._sheets()
        self.people = people_of(package, self.relations)
        properties = child(self.root, "workbookPr")
        epoch_1904 = properties is not None and uses_1904(attribute(properties, "date1904"))
        styles = targets(self.relations, "styles")
        formats = cell_formats(package, styles[0]) if styles else CellFormats()
        self.values = Values(self._shared_strings(), formats.dates, epoch_1904=epoch_1904, formats=formats.shown)

    def _sheets(self) -> list[Sheet]:
        """The sheets that the workbook lists; of a recovered package also those that are there without being listed."""
        found: list[Sheet] = []
        for element in descendants(self.root, "sheet") if self.root is not None else ():
            relation = self.relations.get(_relation_id(element))
            target = "" if relation is None or relation.external or not self.package.has(relation.target) else relation.target
            found.append(Sheet(attribute(element, "name") or "", target, (attribute(element, "state") or "visible") != "visible"))
        if self.package.recovered:
            known = {sheet.part for sheet in found}
            names = [name for name in named_by_number(self.package, "xl/worksheets", "sheet") if name not in known]
            found += [Sheet(name.rsplit("/", 1)[-1].removesuffix(".xml"), name, False) for name in names]
        return found

    def _shared_strings(self) -> list[str]:
        found: list[str] = []
        size = 0
        for name in targets(self.relations, "sharedStrings")[:1]:
            if not self.package.has(name):
                continue
            try:
                for text in strings(self.package.chunks(name)):
                    size += len(text) + 60
                    found.append(text)
                    if size > SHARED_BYTES:
                        self.progress.losses.append("the table of strings is longer than is safe to hold")
                        break
            except etree.XMLSyntaxError:
                self.progress.losses.append("the table of strings is damaged")
        return found


def signed(author: str, text: str) -> str:
    return text if not author or text.startswith(author) else f"{author}: {text}"


def _relation_id(sheet: Element) -> str:
    """The relationship of a sheet: its ``id`` in the relationships' namespace."""
    for key, value in sheet.attrib.items():
        if str(key).endswith("}id"):
            return str(value)
    return ""
