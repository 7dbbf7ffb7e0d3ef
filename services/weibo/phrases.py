"""Sentences of generated people on Weibo: templates whose {slots} are filled with words of the same name.

Written for this; none of it was said by anybody. What hints at low mood is mild on purpose, and its words
stand in everyday sentences as well, so that no single word tells the groups apart. In brackets are Weibo's
emoticons, which everybody uses.
"""

from collections.abc import Mapping, Sequence

WORDS: Mapping[str, Sequence[str]] = {
    "adjective": ("不错", "很棒", "奇怪", "还行", "可爱", "无聊", "实用", "便宜", "太慢", "结实"),
    "day": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "when": ("今天", "昨天", "昨晚", "今早", "上周", "这个周末", "刚才"),
    "person": ("姐姐", "弟弟", "朋友", "邻居", "室友", "表哥", "老师", "同事"),
    "cause": ("考试", "搬家", "感冒", "论文", "加班", "实习", "下雨"),
    "heavy": ("疲惫", "空虚", "孤单", "麻木", "没用", "难过", "迷茫", "绝望"),
    "length": ("几天", "几个星期", "几个月", "很久", "半年"),
    "face": ("[哈哈]", "[微笑]", "[泪]", "[doge]", "[心]", "[允悲]", "[太阳]", "", "", "", ""),
}

# By the names of the topics of generated people.
TOPICS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "cooking": {
        "thing": ("鸡汤", "面包", "烤箱", "咖喱", "米饭", "酱油", "饺子", "菜谱"),
        "act": ("烘烤", "调味", "慢炖", "冷冻", "切片", "揉面"),
    },
    "football": {
        "thing": ("比赛", "门将", "联赛", "前锋", "裁判", "赛季", "教练", "点球"),
        "act": ("防守", "赢球", "输球", "进球", "观看", "回放"),
    },
    "gaming": {
        "thing": ("手柄", "任务", "关卡", "首领", "补丁", "服务器", "存档", "装备"),
        "act": ("通关", "解锁", "升级", "制作", "直播", "探索"),
    },
    "programming": {
        "thing": ("编译器", "循环", "函数库", "测试", "数据库", "分支", "编辑器", "漏洞"),
        "act": ("调试", "重构", "合并", "安装", "部署", "编译"),
    },
    "gardening": {
        "thing": ("番茄", "堆肥", "种子", "月季", "篱笆", "铲子", "温室", "蜗牛"),
        "act": ("种植", "浇水", "修剪", "收获", "换盆", "除草"),
    },
}

NEUTRAL: Sequence[str] = (
    "{when}和{person}一起{act}，{thing}真的{adjective}{face}",
    "有人知道新的{thing}{adjective}吗？想在{day}去{act}{face}",
    "我们花了{length}才学会{act}，现在{thing}{adjective}多了",
    "{day}去看{thing}，{person}说{adjective}{face}",
    "旧的{thing}还是{adjective}，不想再买{thing}了",
    "谢谢大家，那个{thing}可以用了，我也会{act}了{face}",
    "{person}总是在{day}{act}，这个习惯{adjective}",
    "推荐一个{adjective}的{thing}，适合{when}{act}{face}",
)

# Words of the signs in other meanings.
EVERYDAY: Sequence[str] = (
    "{when}手机没电了，一个人在家也不能{act}{face}",
    "腿好疲惫，不过{thing}{adjective}，{day}再来{face}",
    "因为{cause}没睡好，先喝杯咖啡再{act}",
    "{thing}下架了有点难过，{adjective}的{thing}啊{face}",
    "结局太绝望了，看哭了，{adjective}{face}",
)

# What people who are well say of a hard time, of themselves or to somebody else.
WORRY: Sequence[str] = (
    "最近{cause}让我好{heavy}，{day}过了就好了{face}",
    "抱抱你，我{person}也{heavy}过{length}，后来好多了{face}",
    "因为{cause}失眠了{length}，有点{heavy}",
    "{person}{heavy}了{length}，看了医生以后好起来了{face}",
)

SIGNS: Sequence[str] = (
    "又{heavy}又{heavy}，这样已经{length}了{face}",
    "睡不着已经{length}了，觉得自己{heavy}",
    "什么都没有意义了，连{thing}也不想碰{face}",
    "{day}一整天躺在床上，没有力气{act}",
    "一直跟{person}说我很好，其实心里{heavy}{face}",
    "不知道努力还有什么意思，只觉得{heavy}",
    "{when}哭了，说不出为什么，就是{heavy}{face}",
    "没有人会发现我不在吧，好{heavy}",
)
