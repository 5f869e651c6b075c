"""What is said of PDF, OFD, pictures and drawings."""

from __future__ import annotations

from unburnt.desk.words import mark

SENTENCES = (
    mark("A CAJ file of the kind HN: its pages are pictures and text in a form of its own, which cannot be read yet."),
    mark("Its pages are a PDF without a frame; the frame was made anew, the pages' bytes are those of the file."),
    mark("There is no end of a PDF in it: it is cut off or damaged."),
    mark("A CAJ file of more than %(size)s MiB cannot be put together."),
    mark("The file's head is cut short."),
    mark("There are no pages of a PDF in it: it is cut off, damaged, or of a kind that is not known."),
    mark("%(number)s pieces of text are stored as shapes of a font; what they say is not told."),
    mark("The drawing is cut off; what was there before is kept."),
    mark("It is a drawing without words; %(number)s pictures in it are listed."),
    mark("The drawing's head is damaged."),
    mark("It is a picture; its text has not been read from the pixels yet."),
    mark("Only the first %(first)s of %(all)s frames were taken."),
    mark("The picture has %(width)s × %(height)s pixels, more than the limit of %(limit)s."),
    mark("The picture cannot be opened (%(why)s)."),
    mark(
        "Pictures of its pages are simplified: text is drawn with a font of this machine, not with those in the file; "
        "shadings, patterns, clipping and transparency are left out."
    ),
    mark("%(number)s of its parts are shown by none of its pages; they are members."),
    mark("Its main file (OFD.xml or Document.xml) is missing or no XML."),
    mark("%(number)s signs of its text are not shown on the pages."),
    mark("The file is encrypted (OFD, GM/T 0099); a key is needed, and this kind of key cannot be given yet."),
    mark("The file carries %(number)s digital signatures or seals; none was checked."),
    mark("The file says that it keeps %(number)s versions; the current one is shown."),
    mark("The package holds no such part."),
    mark("%(number)s of %(all)s pages have no text layer."),
    mark("%(number)s of %(all)s pages are pictures with little text on them."),
    mark("%(number)s of %(all)s pages have no text layer; %(stamped)s of %(pages)s pages are pictures with little text on them."),
    mark("It has no pages."),
    mark("Not every right-to-left page was read a second time: there are too many."),
    mark("The file wants to run something when it is opened; nothing was run."),
    mark("None of its %(all)s pages can be read."),
    mark("None of %(all)s pages could be read."),
    mark("%(lost)s of %(all)s pages cannot be read."),
    mark("The file is cut off, and nothing could be read from what is left."),
    mark("The file is cut off; %(number)s pages could be had."),
    mark("It says that it has %(number)s pages, and its page tree leads to none."),
    mark("The file's structure is damaged: annotations, forms and members were not read."),
    mark("The file's own index of its objects was damaged and was built again."),
    mark("It is cut off."),
    mark("It does not fit into the memory that one document may use."),
    mark("It cannot be unpacked."),
    mark("The PDF is encrypted in a way that no password opens, such as for certain people's keys."),
)
