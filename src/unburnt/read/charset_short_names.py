"""What tells the encoding of names that are only a few signs long, where how often signs occur says too little.

Two bytes are one Chinese character, two Cyrillic letters, and one letter of UTF-8, all at once. What is common in names
wins over what is rare, and a word that nobody could pronounce is none.
"""

from __future__ import annotations

import re
from typing import Final

from unburnt.read.plausible import COMMON_HAN

FEW: Final = 8
"""Signs outside ASCII of all names together: of more, what makes any text plausible tells enough."""
_FREQUENT: Final = frozenset(
    "一二三四五六七八九十百千万亿甲乙丙丁戊己庚辛子丑寅卯上中下左右东西南北内外前后大小多少高低新旧老年月日时分秒周天号第一次本期季度半"
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤艾买吐热阿古卡依"
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文志梅慧力提尼木汗江丽古"
    "名单册表格图片照相录音像视频文件夹档案资料材附录目封面正副底稿本页书证据原复印扫描备份下载上传新建删除桌面电脑硬盘密码帐号用户"
    "合同协议通知告示公报总结计划方案预算决算会议纪要发言稿讲话信函电请示批复意见建议申诉起判决定裁法律规章制度条例办细则工作报告"
    "考勤出差请假工资薪奖金财务发票收据凭单付款借贷税保险基金账目审核检查评估统计分析数量汇总明清底"
    "简历个人身份户口籍贯住址婚姻家庭父母妻夫儿女学生教师校班级培训中心村镇乡县市省区州旗队组社部门处科室局厅院所站厂店公司集团"
    "党政府委员书记长主任干警察民兵军安全稳定反恐宗教寺清真族维汉哈回藏蒙文化宣传组织人事劳动就业移送转押释放拘留捕刑犯罪监狱看守"
    "医药病历检验卫生疫苗粮农牧林水利交通运输车船机飞铁路桥地质矿油气电力网络通信科技研究项目工程建设施设计采购招标投产品销售价格"
    "开关始终完成待办已未是否有无好坏真假可以不要加减增补改正修订更换移动复制粘贴测试验收说明介绍参考模板样例题答案草图"
    "名單冊圖錄檔資料會議紀要報告學校縣鄉鎮區張劉陳楊黃趙吳許鄭謝韓馮鄧蘇盧鍾譚陸賈龍薪備份結計畫書證據開關發電話號碼護照簽"
)
"""What people in offices write on files: numbers, family names, documents, places."""
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_FREQUENT_GOOD: Final = 0.45
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]+")
_VOWELS: Final = frozenset("аеёиоуыэюяіїєәөұү")
_PAIRS: Final = (
    "аб ав ад аж аз ай ак ал ам ан ар ас ат ах ач аш аю ая аё бе би бл бо бр бщ бы ва ве ви вл вн во вр вс вы га гд гл го гр "
    "да дв де ди дл дн до др ду дц еб ев ег ед ее еж ез ей ек ел ем ен ер ес ет ех еч еш ещ ею жд же жи жн за зд зе зи зн зы "
    "зя иб ив иг ид ие из ии ий ик ил им ин ир ис ит их иц ич иш ию ия йо ка кж ки кн ко кр кт ку ла ле лж ли ло лс лу лы ль "
    "лю ля ма ме ми мн мо му мь мя на не ни нн но ну ны нь ня об ов ог од ое ож ой ок ол ом он оо оп ор ос от оч пе пи по пр "
    "ра ре ри ро рт ру ры рь ря са св се ск сл сн со сп ст су сь ся сё та тв тд те ти тк то тр тс ту ты ть уг уд уж ук ул ум "
    "ур ут уч ую фо ха хо ца це ча че чи чт чё ша ше ши шк шь ще щи щё ые ый ыл ым ыр ыс ыт ых ьз ьм ьн ьс эт ют ющ ят ёт"
)
"""Pairs of letters that Russian words hold, counted over the words of ``language_model/lexicons/ru.txt``."""
_UNSPOKEN_BAD: Final = 0.5
_SPOKEN_GOOD: Final = 0.45
_WORD: Final = 3
_TWO_BYTES: Final = re.compile("[\u0080-\u07ff]")
_ORDINARY: Final = re.compile(
    # Letters of Western Europe within a word of others, or one alone; Cyrillic, Greek, Hebrew and Arabic as they are written most.
    "[A-Za-z\u00df-\u00f6\u00f8-\u00ff\u00c0-\u00d6\u00d8-\u00de\u0100-\u0131\u0139-\u013e\u0141-\u0148\u0150-\u017e]*"
    "|[\u0400-\u045f]+|[\u0400-\u045f\u048a-\u0527]*[\u0410-\u044f][\u0400-\u045f\u048a-\u0527]*|[\u0386-\u03a1\u03a3-\u03a9\u03ac-\u03ce]+|[\u05d0-\u05ea]+"
    "|[\u0621-\u063a\u0640-\u065f\u066e-\u06d5]+|[\u0531-\u0587]{2,}"
)
_LETTERS: Final = re.compile("[A-Za-z\u00c0-\u07ff]*[\u00c0-\u07ff][A-Za-z\u00c0-\u07ff]*")
_SIGNS: Final = re.compile("[\u0080-\u00bf\u00d7\u00f7]")
_LONE: Final = re.compile("(?<![A-Za-z\u00c0-\u07ff])[\u00c0-\u07ff](?![A-Za-z\u00c0-\u07ff])")

_SELDOM: Final = re.compile("[\u1680-\u17ff\u18b0-\u1dff\u2b00-\u2dff\ua490-\uabff]")
"""Blocks of scripts and signs that no name of more than a few is written in; Russian letters of DOS fall into them."""


def at_home_in_names(text: str) -> float:
    """How much more, or less, each sign of a short name is worth for what it says: common characters, words that can be spoken."""
    frequent = sum(sign in _FREQUENT and not COMMON_HAN.match(sign) for sign in _HAN.findall(text))
    return _FREQUENT_GOOD * frequent + sum(_spoken(word) for word in _CYRILLIC.findall(text))


def is_seldom(joined: bytes) -> bool:
    """Whether names that are UTF-8 hold only signs that hardly anybody writes, and few of them."""
    signs = [sign for sign in joined.decode("utf-8") if sign > "\x7f"]
    return len(signs) <= FEW and all(map(_SELDOM.match, signs))


def is_rather_chinese(joined: bytes, *, beside_chinese: bool) -> bool:
    """Whether names that are UTF-8, of two bytes each sign, are so by accident: rare letters to read, common characters in GB 18030.

    *beside_chinese*: other names of the archive, which state their encoding, are Chinese; then a lone letter is not believed either.
    """
    text = joined.decode("utf-8")
    signs = [sign for sign in text if sign > "\x7f"]
    if len(signs) > FEW or not all(map(_TWO_BYTES.match, signs)):
        return False
    try:
        other = joined.decode("gb18030")
    except UnicodeDecodeError:
        return False
    han = _HAN.findall(other)
    common = sum(sign in _FREQUENT or bool(COMMON_HAN.match(sign)) for sign in han)
    if len(han) != len(signs) or common * 2 <= len(han):
        return False
    if beside_chinese and _LONE.search(text):
        return True
    return bool(_SIGNS.search(text)) or not all(_ORDINARY.fullmatch(word) for word in _LETTERS.findall(text))


def _spoken(word: str) -> float:
    """For each letter of a word in Cyrillic letters."""
    small = word.lower()
    if word.isupper() and len(word) <= _WORD:
        return 0.0  # an abbreviation
    pairs = [small[at:at + 2] for at in range(len(small) - 1)]
    odd = sum(pair not in _PAIRS for pair in pairs) + (len(small) > 1 and _VOWELS.isdisjoint(small))
    if odd:
        return -_UNSPOKEN_BAD * min(odd, len(small))
    return _SPOKEN_GOOD * len(small) if len(small) >= _WORD else 0.0
