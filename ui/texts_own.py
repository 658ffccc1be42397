"""Texts of the page of own data."""

from __future__ import annotations

from ui.text import Text

OWN: dict[str, Text] = {
    "own.tab_check": Text("检查一个图层", "Check one layer"),
    "own.tab_region": Text("新建区域", "New region"),
    "own.map": Text("位置预览", "Where it lies"),
    "own.marked": Text("有错误或警告的行", "rows with an error or a warning"),
    "own.is_error": Text("错误", "error"),
    "own.is_warning": Text("警告", "warning"),
    "own.is_info": Text("提示", "note"),
    "own.region_how": Text(
        "给出边界和手头已有的图层：系统检查、对照字段、写成一个区域文件夹，没有的图层以后再补。",
        "Give the boundary and the layers you have: they are checked, their columns mapped, and a region "
        "folder is written; layers you do not have can follow.",
    ),
    "own.region_role": Text(
        "新建区域需要编辑权限；检查图层不需要。",
        "Making a region needs the role editor; checking a layer does not.",
    ),
    "own.name_zh": Text("中文名称", "Chinese name"),
    "own.name_en": Text("英文名称", "English name"),
    "own.boundary": Text("边界文件", "Boundary"),
    "own.boundary_help": Text(
        "任意矢量格式与坐标系（Shapefile 请打包为 zip）；各行有不同名称时，每行作为一个片区。",
        "Any vector format and CRS (a shapefile as zip); where every row has another name, each is a town.",
    ),
    "own.layers": Text("图层文件", "Layers"),
    "own.layers_help": Text(
        "可一次选多个；文件名含图层名（如 buildings）时自动对应。",
        "Several at once; a file whose name holds that of a layer (buildings) is matched by itself.",
    ),
    "own.is_layer": Text("{file} 是", "{file} is"),
    "own.skip": Text("不使用", "not used"),
    "own.twice": Text(
        "两个文件都作为“{layer}”，请只留一个。", 'Two files are both "{layer}"; keep one of them.'
    ),
    "own.weather": Text("气候", "Weather"),
    "own.weather_file": Text("上传文件（EPW、CSV 等）", "Upload a file (EPW, CSV …)"),
    "own.weather_normals": Text("西安站月值（随程序）", "Monthly normals of Xi'an (built in)"),
    "own.weather_pvgis": Text("PVGIS 典型年（需联网）", "PVGIS typical year (needs internet)"),
    "own.weather_nasa_power": Text("NASA POWER（需联网）", "NASA POWER (needs internet)"),
    "own.make": Text("检查并预览", "Check and preview"),
    "own.making": Text("正在读取、检查、写出…", "Reading, checking, writing…"),
    "own.need": Text("请给出名称、边界和气候。", "Give the names, the boundary and the weather."),
    "own.changed_since": Text("输入已改动，请重新检查。", "What you gave has changed since; check it again."),
    "own.done": Text("做了什么", "What was done"),
    "own.comma": Text("、", ", "),
    "own.missing": Text(
        "尚无：{layers}。相关规则按“未核查”处理。",
        "Not here yet: {layers}. Rules on them count as not checked.",
    ),
    "own.suspected": Text("可能需要转换", "This may need converting"),
    "own.unit": Text(
        "将“{layer}”的{column}由 {unit} 换算为米", "Convert the {column} of {layer} from {unit} to metres"
    ),
    "own.swap": Text("交换“{layer}”的坐标顺序", "Swap the order of coordinates of {layer}"),
    "own.heights": Text("高程", "heights"),
    "own.looking": Text("正在查看各列…", "Looking at the columns…"),
    "own.which": Text("“{layer}”的{column}是哪一列", "Which column is the {column} of {layer}"),
    "own.fetch": Text("取开放数据（需联网）", "Fetch open data (needs internet)"),
    "own.fetch_none": Text("不取", "none"),
    "own.fetch_help": Text(
        "手头没有的图层可由开放数据补上；断点续传，来源与许可写在数据旁。离线时请上传文件。",
        "Layers you do not have can come from open data; downloads resume, and source and licence are "
        "written beside the data. Offline, upload files instead.",
    ),
    "own.fetch_from": Text("“{layer}”取自", "{layer} from"),
    "own.fetch_only": Text("“{layer}”取自 {source}", "{layer} from {source}"),
    "own.weather_help": Text(
        "可一次选多个：同一地点的多年合成典型年，不同地点则插值。",
        "Several at once: years of one place make a typical year, several places are interpolated.",
    ),
    "own.scale": Text("按站点实测订正", "Scale to measured months"),
    "own.scale_none": Text("不订正", "no"),
    "own.scale_built_in": Text("西安站月值（随程序）", "Monthly normals of Xi'an (built in)"),
    "own.scale_file": Text("上传站点月值（CSV）", "Upload station normals (CSV)"),
    "own.scale_upload": Text("站点月值", "Station normals"),
    "own.scale_help": Text(
        "卫星或 EPW 的逐时年按月缩放到站点实测水平。",
        "Each month of the satellite or EPW year is scaled to what the station measured.",
    ),
    "own.offset_note": Text(
        "系统不会自行转换；勾选后重新检查即转换。",
        "Nothing is converted unasked; tick it and check again to convert.",
    ),
    "own.convert": Text("将“{layer}”由 {datum} 转换为 WGS-84", 'Convert "{layer}" from {datum} to WGS-84'),
    "own.take": Text("使用这个区域", "Use this region"),
    "own.taken": Text("区域已保存：{folder}", "The region is saved: {folder}"),
    "own.next": Text(
        "下一步：在终端评估，再打开地图。", "Next: assess it in the terminal, then open the map."
    ),
    "own.exists": Text(
        "已有同名区域“{id}”；请换一个英文名称。",
        'There is a region "{id}" already; choose another English name.',
    ),
}
