"""What reports say, in English and in Chinese, side by side so that neither is forgotten."""

from enum import IntEnum


class Language(IntEnum):
    """Its number is its place in every pair of words."""

    EN = 0
    ZH = 1


def language_of(text: str) -> Language:
    """Of `en`, `zh`, or a tag such as zh-CN; English if it is another."""
    return Language.ZH if text.lower().startswith("zh") else Language.EN


def say(word: str, language: Language) -> str:
    """This word; what is no word of ours is somebody's own, and stays."""
    return WORDS[word][language] if word in WORDS else word


WORDS: dict[str, tuple[str, str]] = {
    "daily": ("Daily report", "日报"),
    "service": ("Service", "服务报表"),
    "pay": ("Calls and pay", "话务与绩效工资"),
    "abandoned": ("Gave up, and not reached since", "放弃且未联系上"),
    "overtaken": ("Who was overtaken, and why", "被插队的客户及原因"),
    "formulas": ("How it is reckoned", "计算口径"),
    "days": ("Days", "日期"),
    "zone": ("Time zone", "时区"),
    "made": ("As of", "数据截至"),
    "within": ("Answered in time: within X =", "达标：X ="),
    "short": ("Gave up at once: within s =", "短放弃：s ="),
    "window": ("Called again: within w =", "重复来电：w ="),
    "seconds": ("s", "秒"),
    "hours": ("h", "小时"),
    "only": ("Only", "范围"),
    "everything": ("everything", "全部"),
    "total": ("Total", "合计"),
    "totals": ("In all", "合计"),
    "intervals": ("By time", "分时段"),
    "queues": ("By queue", "按队列"),
    "teams": ("By team", "按班组"),
    "agents": ("By agent", "按座席"),
    "dialled": ("By number dialled", "按被叫号码"),
    "regions": ("By region", "按地区"),
    "reasons": ("By reason", "按来电原因"),
    "side_by_side": ("The same calls under other formulas", "同一批来电，不同口径"),
    "time": ("Time", "时段"),
    "queue": ("Queue", "队列"),
    "team": ("Team", "班组"),
    "agent": ("Agent", "座席"),
    "number": ("Number", "号码"),
    "region": ("Region", "地区"),
    "reason": ("Reason", "原因"),
    "outcomes": ("By outcome", "按处理结果"),
    "outcome": ("Outcome", "处理结果"),
    "undivided": ("no further said", "未细分"),
    "undisposed": ("(not said)", "（未填写）"),
    "level": ("Level", "层级"),
    "by_branch": (
        "A line is all that is below it; lines of the first level are the total.",
        "上级行为其下各行之和；第一级各行之和为合计。",
    ),
    "nobody": ("(none)", "（无）"),
    "unknown": ("(unknown)", "（未知）"),
    "call": ("Call", "通话"),
    "formula": ("Formula", "口径"),
    "value": ("Value", "数值"),
    "how": ("How", "算法"),
    "whose": ("Whose", "来源"),
    "caller": ("Caller", "客户"),
    "times": ("Times", "次数"),
    "first": ("First", "首次"),
    "last": ("Last", "最近"),
    "longest": ("Longest wait", "最长等待"),
    "reached": ("Talked to since", "其后已通话"),
    "by": ("By", "座席"),
    "joined": ("Joined", "入队"),
    "waited": ("Waited", "等待"),
    "became": ("Became", "结果"),
    "overtakes": ("Overtaken", "被超次数"),
    "why": ("Why", "原因"),
    "calls": ("Calls", "接通数"),
    "counted": ("Counted", "计酬数"),
    "missed": ("Missed", "漏接"),
    "base": ("Base", "底薪"),
    "earned": ("For calls", "话务计酬"),
    "deducted": ("Deducted", "扣减"),
    "sum": ("Pay", "应发"),
    "logged_in": ("On shift", "在岗"),
    "ready": ("Ready", "就绪"),
    "offered": ("Ringing, or dialling out", "振铃或外呼中"),
    "busy-acd": ("Talking", "通话"),
    "wrap-up": ("Wrap-up", "话后"),
    "outside": ("Other calls", "其他通话"),
    "not-ready": ("Not ready", "未就绪"),
    "answered": ("answered", "接通"),
    "in_time": ("Answered within X", "X 秒内接通"),
    "late": ("Answered later", "X 秒后接通"),
    "gave_up": ("Gave up", "放弃"),
    "left": ("Left otherwise", "溢出"),
    "refused": ("Refused", "拒入"),
    "priority": ("a higher priority", "优先级更高"),
    "ringing": ("a phone was just ringing for him", "正在为其振铃"),
    "bonus": ("a bonus: repeat caller or segment", "加分：重复来电或客户等级"),
    "place": (
        "his place counts from earlier on: another queue, an earlier call, a callback",
        "位置自更早时起算：其他队列、之前的来电或回呼",
    ),
    "weight": ("a queue of more weight", "队列权重更高"),
    "spared": ("that agent had let his call pass", "该座席此前未接其来电"),
    "last-agent": ("he was kept for his last agent", "为其保留上次座席"),
    "skills": ("he asks for other skills", "所需技能不同"),
    "other": ("a ring, team or skill that he was not in yet", "尚未进入该轮次、班组或技能"),
    "max-wait": ("waited too long", "等待超时"),
    "forgotten": ("forgotten by us, and asked anew", "被系统遗漏，重新进入菜单"),
    "overflow": ("overflowed", "溢出到其他队列"),
    "moved": ("moved by a person", "人工转移"),
    "deflected": ("sent on to a number", "转接外线"),
    "lost": ("lost", "丢失"),
    "taken-back": ("taken back by Asterisk", "被 Asterisk 收回"),
    "closed": ("closed", "非服务时间"),
    "abandoned_one": ("gave up", "放弃"),
    "check": (
        "Arrived = offered + refused; offered = answered + gave up + left otherwise.",
        "进线 = 入队 + 拒入；入队 = 接通 + 放弃 + 溢出。",
    ),
    "by_arrival": (
        "Callers count where they joined the queue, talks where they began, agents' time by the clock. "
        "What is not over yet is in no figure.",
        "来电按入队时间、通话按开始时间、座席时间按时钟统计；尚未结束的不计入。",
    ),
    "callbacks": ("Callbacks", "预约回呼"),
    "attempts": ("Follow-up calls", "回访外呼"),
    "lists": ("By list", "按名单"),
    "list": ("List", "名单"),
    "surveys": ("What callers think", "客户评价"),
    "printed": ("Formulas used here", "本表所用口径"),
    "no_data": ("Nothing happened then.", "该时段没有数据。"),
    "not_reached": ("not reached yet", "尚未联系上"),
    "nobody_overtaken": ("Nobody was overtaken.", "没有客户被插队。"),
    "more": ("more, not listed here", "条未列出"),
    "state_time": ("What agents did", "座席时间分布"),
    "waits": ("Waits", "等待分布"),
    "upto": ("Up to", "不超过"),
}
