"""The folders of the prefecture and its county: directives, slides, scans, workbooks."""

from __future__ import annotations

from datetime import datetime

from leak_maker import office, plain, printed, sheets
from leak_maker.office import Change, Remark, Word
from leak_maker.papers import Paper, collected
from leak_maker.texts_other import OTHER
from leak_maker.texts_ug import UYGHUR
from leak_maker.texts_zh import CHINESE
from leak_maker.tree import Tree
from leak_maker.truth import Made

PAPERS = collected(*CHINESE.values(), *UYGHUR.values(), *OTHER.values())
WORKBOOK_PASSWORD = "Sunduq-2017"
POLICE = "叶希塔格州/公安管理处"
COUNTY = "叶希塔格州/阿依库木县"


def fill_prefecture(tree: Tree) -> Made:
    """The police directorate and the translators; gives back the directive."""
    directive = tree.add(
        f"{POLICE}/2017/05/叶公管〔2017〕7号.pdf", printed.pdf(PAPERS["directive"], author="公安管理处")
    )
    tree.add(f"{POLICE}/2017/05/叶公管〔2017〕7号 副本.pdf", directive)
    draft = Word(
        PAPERS["directive_draft"],
        "李四",
        changes=[
            Change(3, "del", "紧急情况下可以先行带走。", "王五"),
            Change(3, "ins", "紧急情况亦须当日补报。", "李四"),
            Change(4, "ins", "建议不超过二十四小时。", "白霁云"),
        ],
        remarks=[Remark(4, "“知情”二字请保留。", "白霁云"), Remark(2, "四月二十日太紧。", "王五")],
        header="内部资料　注意保管",
        footnote="反馈意见请交综合办公室，不要用电话。",
        table=[["县", "是否反馈"], ["阿依库木县", "已反馈"], ["孙都克乡", "未反馈"]],
    )
    tree.add(f"{POLICE}/2017/04/征求意见稿（修订）.docx", office.docx(draft))
    tree.add(f"{POLICE}/2017/05/ئۇقتۇرۇش 7-نومۇر.pdf", printed.pdf(PAPERS["directive_ug"]))
    tree.add(
        f"{POLICE}/2017/05/扫描/7号文扫描件.pdf", printed.scanned(PAPERS["directive"], purpose="scan-zh", tolerance=0.1)
    )
    tree.add(
        f"{POLICE}/培训/信息登记工作培训.pptx",
        office.slides(
            [
                (PAPERS["slides"], "讲课时强调：不登记病历。有人会问，要照实回答。", False),
                (PAPERS["study"], "", True),
                (PAPERS["notice_ug"], "ئاڭلىغۇچىلارغا ئۆز تىلىدا چۈشەندۈرۈڭ.", False),
            ],
            author="钱七",
        ),
    )
    tree.add("叶希塔格州/翻译室/order_14.pdf", printed.pdf(PAPERS["order_ru"], author="В. Полынина"))
    tree.add(
        "叶希塔格州/翻译室/Распоряжение 14.docx",
        office.docx(
            Word(
                PAPERS["order_ru"],
                "В. Полынина",
                remarks=[Remark(4, "В китайском тексте этого пункта нет.", "В. Полынина")],
            )
        ),
    )
    tree.add("叶希塔格州/翻译室/служебная записка.txt", plain.text(PAPERS["memo_ru"], "cp1251", line_end="\r\n"))
    tree.add("叶希塔格州/翻译室/справка о торговле.pdf", printed.pdf(PAPERS["trade_ru"], PAPERS["letter_ru"]))
    scan = printed.scanned(PAPERS["scan_ru"], PAPERS["letter_ru"], purpose="scan-ru", tolerance=0.08)
    tree.add("叶希塔格州/翻译室/архив/акт_скан.pdf", scan)
    tree.add("叶希塔格州/翻译室/index.md", plain.markdown(PAPERS["index_en"]))
    tree.add("叶希塔格州/财政事务处/经费申请.rtf", plain.rich_text(PAPERS["budget"]))
    return directive


def fill_county(tree: Tree) -> None:
    """The county's offices: residence, water, schools, labour, and the order to destroy the rosters."""
    tree.add(f"{COUNTY}/民政事务所/居留登记通知.pdf", printed.pdf(PAPERS["residence"]))
    tree.add(f"{COUNTY}/民政事务所/居留登记单填写说明.txt", plain.text(PAPERS["residence_form"], "gb18030"))
    tree.add(f"{COUNTY}/民政事务所/notice_3.docx", office.docx(Word(PAPERS["residence"], "民政事务所")))
    tree.add(f"{COUNTY}/水务站/春灌通知.html", plain.web_page(PAPERS["water"], "gbk", declared="gb2312"))
    tree.add(f"{COUNTY}/水务站/سۇ نۆۋىتى.odt", plain.open_text(PAPERS["water_ug"], "ئايقۇم سۇ پونكىتى"))
    tree.add(
        f"{COUNTY}/水务站/台账.ods",
        plain.open_sheet(
            "五月台账",
            [
                ["小组", "亩数", "方数"],
                ["上游一组", 120, 5400],
                ["上游二组", 96, 4320],
                ["下游一组", 88, 2640],
                ["下游二组", 71, 2130],
            ],
            hidden_row=4,
        ),
    )
    tree.add(
        f"{COUNTY}/教育事务科/撤并请示.docx",
        office.docx(
            Word(
                PAPERS["school"],
                "教育事务科",
                changes=[Change(4, "del", "不再征求。", "孙八")],
            )
        ),
    )
    tree.add(f"{COUNTY}/教育事务科/مەكتەپ ئىلتىماسى.docx", office.docx(Word(PAPERS["petition_ug"], "گۈلنۇر")))
    tree.add(f"{COUNTY}/教育事务科/мектеп хаты.pdf", printed.pdf(PAPERS["school_kk"]))
    tree.add(f"{COUNTY}/劳动事务科/指标分解表.xlsx", quota_book())
    tree.add(f"{COUNTY}/劳动事务科/说明.json", plain.structured(PAPERS["labour"], 4))
    tree.add(f"{COUNTY}/综合办公室/明电/清理名册.pdf", printed.pdf(PAPERS["burning"]))
    tree.add(f"{COUNTY}/综合办公室/督查/反馈意见.xml", plain.marked_up(PAPERS["inspection"]))
    sealed = sheets.locked(sheets.xlsx(sealed_list()), WORKBOOK_PASSWORD)
    tree.add(f"{COUNTY}/综合办公室/督查/四十一处不符（加密）.xlsx", sealed)
    tree.add(f"{COUNTY}/畜牧/жайылым.docx", office.docx(Word(PAPERS["pasture_kk"], "Айгерім Құмбаева")))
    tree.add(f"{COUNTY}/畜牧/хабарландыру.txt", plain.text(PAPERS["notice_kk"], "utf-8-sig"))


def quota_book() -> Made:
    """Quotas by township, with a hidden sheet of what was really reported."""
    shown = sheets.Grid(
        "指标分解",
        {
            "A1": "二〇一七年转移就业指标分解表",
            "A2": "乡镇",
            "B2": "指标数",
            "C2": "完成数",
            "D2": "名次",
            "A3": "孙都克乡",
            "B3": 410,
            "C3": 205,
            "D3": 3,
            "A4": "巴格乡",
            "B4": 390,
            "C4": 388,
            "D4": 1,
            "A5": "库木乡",
            "B5": 380,
            "C5": 301,
            "D5": 2,
            "A6": "合计",
            "B6": ("=SUM(B3:B5)", 1180),
            "C6": ("=SUM(C3:C5)", 894),
        },
        merged=("A1:D1",),
        comments={"C4": "三十人为代签，不应计入。"},
    )
    hidden = sheets.Grid(
        "实报（勿外传）",
        {
            "A1": "乡镇",
            "B1": "实际外出",
            "C1": "本人签字",
            "A2": "孙都克乡",
            "B2": 205,
            "C2": 97,
            "A3": "巴格乡",
            "B3": 388,
            "C3": 121,
            "A4": "库木乡",
            "B4": 301,
            "C4": 150,
        },
        hidden=True,
    )
    return sheets.xlsx(shown, hidden)


def sealed_list() -> sheets.Grid:
    """What the inspectors kept under a password."""
    return sheets.Grid(
        "不符清单",
        {
            "A1": "序号",
            "B1": "名册所载",
            "C1": "实际",
            "D1": "核对日期",
            "A2": 1,
            "B2": "在家",
            "C2": "五月十一日带走，无批件",
            "D2": datetime(2017, 5, 30),
            "A3": 2,
            "B3": "外出务工",
            "C3": "在州府上学",
            "D3": datetime(2017, 5, 30),
            "A4": 3,
            "B4": "在家",
            "C4": "二〇一五年去世",
            "D4": datetime(2017, 5, 31),
        },
    )


def paper(name: str) -> Paper:
    """A paper by its name, in any language."""
    return PAPERS[name]
