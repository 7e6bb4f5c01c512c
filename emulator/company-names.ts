/** What the names of a made-up company are put together from. */

export const surnames = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜',
];

export const givenNames = [
  ...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红兰鹏飞云龙凤春梅海燕文博雅琪子涵梓轩浩宇欣怡思远佳慧',
];

export const departmentNames = [
  '市场部',
  '销售部',
  '研发中心',
  '人力资源部',
  '财务部',
  '法务部',
  '采购部',
  '生产部',
  '质量管理部',
  '客户服务部',
  '信息技术部',
  '行政部',
  '华东区',
  '华南区',
  '华北区',
  '西南区',
  '物流组',
  '测试组',
  '设计组',
  '运维组',
];

export const titles = ['工程师', '高级工程师', '经理', '主管', '专员', '顾问', '总监', '助理', '会计', '设计师'];

export const workPlaces = ['上海', '杭州', '深圳', '北京', '成都', 'Singapore'];

/** Names that break what is careless with names: other scripts and directions, markup, quotes, blanks, length. */
export const oddNames = [
  '👩‍🚀 李🌸娜 👨‍👩‍👧‍👦',
  '<img src=x onerror=alert(1)> & "Co" \'O\'',
  '长'.repeat(300),
  'محمد \u202Egnp.exe\u202C علي',
  '  blanks  around  ',
  '=HYPERLINK("https://evil.example","x")',
  '{{$env.SECRET}} ${7*7}',
  'null',
  'e\u0301\u0323 Zoe\u0308 \u200Bhidden\u200B',
];
