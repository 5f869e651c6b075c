"""The township's folders: bulletins, village rosters, mail, photographs, what villagers wrote."""

from __future__ import annotations

from datetime import datetime

from leak_maker import containers, mails, office, plain, printed, sheets
from leak_maker.mails import Letter
from leak_maker.office import Remark, Word
from leak_maker.offices import COUNTY, PAPERS, paper
from leak_maker.tree import Tree
from leak_maker.truth import Made

TOWN = f"{COUNTY}/孙都克乡"
ARCHIVE_PASSWORD = "örük-5月"
PDF = "application/pdf"
OFFICE, CLERK, COUNTY_DESK = "综合办公室 <office@sunduq.example>", "白霁云 <bai@sunduq.example>", "desk@ayqum.example"


def fill_office(tree: Tree) -> Made:
    """Bulletins, minutes and the township's own papers; gives back the photograph of a notice."""
    tree.add(
        f"{TOWN}/工作简报/第十二期.docx",
        office.docx(
            Word(
                PAPERS["bulletin"],
                "综合办公室",
                remarks=[Remark(4, "教室的事不要写进简报。", "赵六")],
                header="孙都克乡工作简报",
            )
        ),
    )
    tree.add(f"{TOWN}/工作简报/第十三期.pdf", printed.pdf(PAPERS["bulletin_next"], PAPERS["bulletin_ug"]))
    tree.add(
        f"{TOWN}/工作简报/خىزمەت ئاخباراتى.txt",
        plain.text(PAPERS["bulletin_ug"], "utf-16-le", before=b"\xff\xfe", line_end="\r\n"),
    )
    tree.add(f"{TOWN}/会议/2017-05-22 纪要.txt", plain.text(PAPERS["minutes"], "utf-16-be"))
    tree.add(
        f"{TOWN}/会议/会议纪要（扫描）.pdf", printed.scanned(PAPERS["minutes"], purpose="scan-minutes", tolerance=0.1)
    )
    tree.add(f"{TOWN}/信访/答复.txt", plain.text(PAPERS["reply"], "gbk", line_end="\r\n"))
    tree.add(f"{TOWN}/信访/سۈرۈشتۈرۈش.pdf", printed.pdf(PAPERS["letter_ug"]))
    tree.add(f"{TOWN}/信访/letter_ru.txt", plain.text(PAPERS["letter_ru"], "koi8-r"))
    tree.add(
        f"{TOWN}/学习班/管理规定.pdf",
        printed.scanned(PAPERS["study"], PAPERS["typed_note"], purpose="scan-study", tolerance=0.1),
    )
    tree.add(
        f"{TOWN}/学习班/值班安排.csv",
        plain.table(
            [
                ["周次", "值班一", "值班二"],
                ["第一周", "李四", "王五"],
                ["第二周", "赵六", "白霁云"],
                ["第三周", "钱七", "孙八"],
            ],
            "gb18030",
        ),
    )
    tree.add(
        f"{TOWN}/学习班/returns.tsv",
        plain.table(
            [
                ["date", "taken", "returned"],
                ["2017-05-12", "18", "4"],
                ["2017-05-19", "43", "12"],
            ],
            "utf-8",
            "\t",
        ),
    )
    photo = printed.photograph(PAPERS["notice"], purpose="photo-notice", tolerance=0.12, model="Handy 5")
    tree.add(f"{TOWN}/手机照片/IMG_20170529_2114.jpg", photo)
    tree.add(
        f"{TOWN}/手机照片/IMG_20170529_2116.jpg",
        printed.photograph(PAPERS["notice_ug"], purpose="photo-ug", tolerance=0.15, model="Handy 5"),
    )
    tree.add(
        f"{TOWN}/手机照片/IMG_20170529_2121.jpg",
        printed.photograph(PAPERS["scan_ru"], purpose="photo-ru", tolerance=0.1, model="Handy 5"),
    )
    tree.add(
        f"{TOWN}/手机照片/IMG_20170529_2130.jpg",
        printed.photograph(PAPERS["typed_note"], purpose="photo-zh", tolerance=0.12, model="Handy 5"),
    )
    tree.add(
        f"{TOWN}/手机照片/带图说明.docx", office.docx(Word(PAPERS["duty"], "李四", pictures=[("image1.jpg", photo)]))
    )
    return photo


def fill_villages(tree: Tree) -> Made:
    """Three rosters with the name 张三 written in three ways; gives back the first."""
    first = sheets.xlsx(
        sheets.roster(
            "玉吕克库木村",
            "玉吕克库木村入户核查花名册",
            [
                ["张三", "990321198507120019", datetime(2017, 5, 8), "本人签字"],
                ["古丽努尔", 990321199012010000, datetime(2017, 5, 8), ""],
                ["阿力木", "990321197803300031", "二〇一七年五月九日", "带走，未见批件"],
                ["帕提曼", 990321196602150000, datetime(2017, 5, 9), "老人，每日送药"],
            ],
            comments={"E7": "家属来问过三次。"},
        )
    )
    tree.add(f"{TOWN}/村级名册/玉吕克库木村.xlsx", first)
    hidden = sheets.roster(
        "尤勒图孜布隆村",
        "尤勒图孜布隆村入户核查花名册",
        [
            ["吐尔干", "990321198201190017", datetime(2017, 5, 10), ""],
            ["张　三", "990321198507120019", datetime(2017, 5, 10), "与玉吕克库木村重复"],
            ["热依汗", "990321199907070026", datetime(2017, 5, 11), "在外地上学"],
            ["卡德尔", "990321195503030013", "二〇一七年五月十一日", "二〇一五年去世"],
        ],
        hidden_rows=(6,),
        hidden_columns=("C",),
    )
    notes = sheets.Grid("备忘", {"A1": "不要打印本页", "A2": "第六行按县里要求隐藏", "B2": "白霁云"}, hidden=True)
    tree.add(f"{TOWN}/村级名册/尤勒图孜布隆村（终稿）.xlsx", sheets.xlsx(hidden, notes))
    old = sheets.Grid(
        "二〇一六年名册",
        {
            "A1": "库木巴什村常住人口名册",
            "A3": "姓名",
            "B3": "证件号",
            "C3": "登记日期",
            "D3": "备注",
            "A4": "张\n三",
            "B4": "990321198507120019",
            "C4": datetime(2016, 11, 2),
            "D4": "外来",
            "A5": "买尔旦",
            "B5": "990321198812240015",
            "C5": datetime(2016, 11, 2),
            "A6": "赛乃姆",
            "B6": "990321200104050028",
            "C6": "二〇一六年十一月三日",
            "D6": "小学",
            "A7": "合计",
            "B7": 3,
        },
        hidden_rows=(6,),
        merged=("A1:D1",),
    )
    aside = sheets.Grid("旧表", {"A1": "此表已作废", "A2": "勿删"}, hidden=True)
    tree.add(f"{TOWN}/村级名册/2016/库木巴什村.xls", sheets.xls(old, aside))
    tree.add(f"{TOWN}/村级名册/备份/新建文件夹/新建文件夹 (2)/表1.xlsx", first)
    tree.add(f"{TOWN}/村级名册/备份/ئۆرۈكقۇم كەنتى.xlsx", first)
    return first


def fill_mail(tree: Tree, directive: Made, roster: Made) -> None:
    """Three mails with the same directive, a mail within a mail, a mailbox, a mail without a charset."""
    attached = [("叶公管〔2017〕7号.pdf", PDF, directive)]
    one = Letter(
        PAPERS["mail_first"],
        f"County desk <{COUNTY_DESK}>",
        OFFICE,
        "Thu, 04 May 2017 09:12:00 +0800",
        "a1@ayqum.example",
        attachments=attached,
    )
    two = Letter(
        PAPERS["mail_reply"],
        OFFICE,
        f"County desk <{COUNTY_DESK}>",
        "Thu, 04 May 2017 10:40:00 +0800",
        "a2@sunduq.example",
        reply_to="a1@ayqum.example",
        cc=CLERK,
        attachments=attached,
        alternative=True,
    )
    three = Letter(
        PAPERS["mail_third"],
        CLERK,
        "keeper@outside.example",
        "Fri, 05 May 2017 23:58:00 +0800",
        "a3@sunduq.example",
        reply_to="a1@ayqum.example",
        attachments=[*attached, ("玉吕克库木村.xlsx", sheets.XLSX, roster)],
    )
    for number, letter in enumerate((one, two, three), 1):
        tree.add(f"{TOWN}/邮件/{number:02}.eml", mails.mail(letter))
    secret = mails.mail(
        Letter(
            PAPERS["mail_hidden"],
            f"County desk <{COUNTY_DESK}>",
            "赵六 <zhao@sunduq.example>",
            "Mon, 22 May 2017 08:05:00 +0800",
            "b1@ayqum.example",
        )
    )
    around = Letter(
        PAPERS["mail_inside"],
        CLERK,
        "keeper@outside.example",
        "Mon, 22 May 2017 23:30:00 +0800",
        "b2@sunduq.example",
        attachments=[("forwarded.eml", "message/rfc822", secret)],
    )
    tree.add(f"{TOWN}/邮件/转发.eml", mails.mail(around))
    gbk = Letter(
        PAPERS["reply"],
        "信访室 <letters@sunduq.example>",
        "古丽努尔 <gulnur@village.example>",
        "Fri, 02 Jun 2017 11:00:00 +0800",
        "c1@sunduq.example",
        charset="gbk",
        declare=False,
    )
    tree.add(f"{TOWN}/邮件/未标编码.eml", mails.mail(gbk))
    fill_mailbox(tree, roster)


def fill_mailbox(tree: Tree, roster: Made) -> None:
    """An mbox of four; one of its messages also lies beside it as a file."""
    written = [
        Letter(
            PAPERS["letter_ug"],
            "گۈلنۇر <gulnur@village.example>",
            OFFICE,
            "Mon, 29 May 2017 07:00:00 +0600",
            "d1@village.example",
        ),
        Letter(
            PAPERS["notice_kk"],
            "Айгерім Құмбаева <aigerim@village.example>",
            OFFICE,
            "Mon, 29 May 2017 08:00:00 +0600",
            "d2@village.example",
        ),
        Letter(
            PAPERS["memo_ru"],
            "В. Полынина <polynina@translators.example>",
            CLERK,
            "Mon, 29 May 2017 09:00:00 +0600",
            "d3@translators.example",
            charset="koi8-r",
        ),
        Letter(
            PAPERS["letter"],
            CLERK,
            "keeper@outside.example",
            "Mon, 29 May 2017 23:59:00 +0800",
            "d4@sunduq.example",
            attachments=[("名册.xlsx", sheets.XLSX, roster)],
        ),
    ]
    for letter in written:
        letter.line_end = b"\n"
    made = [mails.mail(letter) for letter in written]
    tree.add(f"{TOWN}/邮件/归档/archive.mbox", mails.mailbox(made))
    tree.add(f"{TOWN}/邮件/归档/letter.eml", made[0])


def fill_archives(tree: Tree, directive: Made, roster: Made) -> None:
    """What the clerk packed."""
    inner = containers.zipped([("七号文.pdf", directive), ("note.txt", plain.text(paper("letter")))])
    tree.add(
        f"{TOWN}/备份/2017/全部.zip",
        containers.zipped(
            [
                ("内层/二.zip", inner),
                ("دوكلات/بىرىنچى.txt", plain.text(paper("bulletin_ug"))),
                ("cover.txt", plain.text(paper("cover_en"))),
            ]
        ),
    )
    tree.add(
        f"{TOWN}/备份/2017/窗口电脑.zip",
        containers.zipped_gbk(
            [
                ("阿依库木县/简报.txt", plain.text(paper("bulletin"), "gbk")),
                ("阿依库木县/名册.xlsx", roster),
            ]
        ),
    )
    tree.add(
        f"{TOWN}/备份/2017/home.tar.gz",
        containers.tarred(
            [
                ("home/notes/пасту.txt", plain.text(paper("pasture_kk"))),
                ("home/notes/returns.txt", plain.text(paper("statistics_en"))),
            ]
        ),
    )
    tree.add(
        f"{TOWN}/备份/2017/usb.7z",
        containers.seven_zipped(
            [
                ("u盘/说明.txt", plain.text(paper("letter"), "utf-16")),
                ("u盘/order.txt", plain.text(paper("order_ru"), "cp866")),
            ]
        ),
    )
    tree.add(
        f"{TOWN}/备份/2017/密.zip",
        containers.zipped_locked(
            [
                ("销毁清单.txt", plain.text(paper("burning"))),
                ("七号文.pdf", directive),
                ("memo.txt", plain.text(paper("statistics_en"))),
            ],
            ARCHIVE_PASSWORD,
        ),
    )
