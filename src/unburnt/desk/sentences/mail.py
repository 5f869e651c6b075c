"""What is said of mails, mailboxes, calendars and their signatures."""

from __future__ import annotations

from unburnt.desk.words import mark

SENTENCES = (
    mark("There is no component in it."),
    mark("The file does not begin with the length of its message."),
    mark("The message has no mail header."),
    mark("The file has no mail header."),
    mark("The message should have %(stated)s bytes and has %(found)s."),
    mark("Apple Mail keeps %(number)s of its attachments in a folder beside it: %(names)s."),
    mark("The file says that these attachments are kept in a folder beside it (Attachments): %(names)s."),
    mark("The list of the message's flags is damaged."),
    mark("The message only says where this file was to be found."),
    mark("The message only says where the file was."),
    mark("Attachment %(number)s is not encoded as it says; what could be decoded was kept."),
    mark("The message is encrypted; only its header could be read."),
    mark("Its content is listed inside."),
    mark("The message has no text of its own; %(number)s attachments are listed."),
    mark("The message is larger than can be held in memory."),
    mark("A signed or encrypted message of a kind that is not opened."),
    mark("A signature that stands beside what it signs; it holds no text."),
    mark("A timestamp of content that lies elsewhere; it holds no text."),
    mark("The compressed message's structure cannot be followed."),
    mark("It is damaged or cut off: what could be had of what was signed is here, its signature is not."),
    mark("There is no signature in it that can be followed."),
    mark("The cryptographic message's structure cannot be followed."),
    mark("The message is encrypted for its recipient's certificate."),
    mark(
        "Give its key as a password, on one line as base64 -w0 KEY.p12 writes it, and the key's own password; or open "
        "it elsewhere (openssl cms -decrypt) and add what comes out."
    ),
    mark("The signed message's structure cannot be followed."),
    mark("Signed by %(who)s, who says it was at %(time)s."),
    mark("Signed by %(who)s."),
    mark("Digest of the content: %(state)s."),
    mark("Signature, by the certificate that came with it: %(state)s."),
    mark("Whether that certificate is genuine was not judged."),
    mark("%(number)s of %(all)s messages are larger than is taken out."),
    mark("The file has no line that begins a message."),
    mark("The mailbox has content before its first message, which is not shown."),
    mark("The file has no MIME header."),
    mark("It is stored in the message's own file structure and cannot be taken out."),
    mark("The attachment's bytes are not in the message."),
    mark("The attachment's bytes are not in the stream."),
    mark("The message's container cannot be followed."),
    mark("The container holds no message."),
    mark("Attachment %(number)s has no bytes of its own in Outlook's format; its file was written anew."),
    mark("The message is encrypted."),
    mark("It opens with %(ways)s."),
    mark("The armored text is not whole."),
    mark("The message is encrypted as before 2004, without protection against changes; only gpg --decrypt opens it."),
    mark("Block %(number)s (%(kind)s) does not match its checksum."),
    mark("The packets cannot be followed."),
    mark("Signed with the OpenPGP key %(key)s, who says it was at %(time)s (%(algorithm)s)."),
    mark("Signed with the OpenPGP key %(key)s (%(algorithm)s)."),
    mark("The signature was not checked."),
    mark(
        "%(folders)s folders; %(messages)s messages and %(hidden)s hidden ones, %(stated)s stated by the folders; "
        "%(orphans)s in no folder, under %(orphaned)s; %(deleted)s deleted and not yet overwritten, under "
        "%(recovered)s."
    ),
    mark("Each was written anew as a mail."),
    mark("Outlook asks for a password before it opens this store; that protects nothing, and it was read without."),
    mark("Folders that state another number of messages than is found: %(names)s."),
    mark("The store has %(number)s folders and no message."),
    mark("The store lists this message and lacks its content: %(what)s."),
    mark("The store's header is not whole."),
    mark("An Outlook store of version %(version)s, which is not known."),
    mark("The store is encrypted by Windows Information Protection; only the organisation's Windows opens it."),
    mark("The stream does not begin as one of its kind does."),
    mark("The checksums of %(number)s attributes do not fit."),
    mark("The stream has no text of its own; %(number)s attachments are listed."),
    mark("Its lines end as those of Mac OS before X (CR); they were taken as lines."),
    mark("%(number)s places of part %(part)s are no text in its encoding; U+FFFD stands for them."),
    mark("Of the content before its first message only %(size)s MiB are shown."),
    mark("%(number)s bytes stand before the first message; they are given as text."),
    mark(
        "The index of the store is lost. Recipients, attachments and long texts are those that "
        "lie next to the message in the file; that they are its own is likely and not certain."
    ),
)
