//! Why reasons are required. A refusal must give them by law; what else must, and by which rule, is said here, once.

use super::word::Word;

/// Of a decision that refuses.
pub const REFUSED: Word = Word::new(
    "不予许可的决定应当说明理由（行政许可法第三十八条第二款）",
    "a refusal must say why (Administrative Licensing Law, article 38(2))",
);

/// Of an opinion that disagrees.
pub const DISAGREED: Word = Word::new(
    "不同意的意见须说明理由，据其作出的不予许可决定应当说明理由（行政许可法第三十八条第二款）",
    "a disagreement must say why, for a refusal that rests on it must (Administrative Licensing Law, article 38(2))",
);

/// Of a decision that grants where an opinion disagrees, or conditions exclude each other.
pub const GRANTED_AGAINST: Word = Word::new(
    "有不同意的意见或者相互抵触的条件时准予许可，须说明为何不予采纳",
    "a grant against a disagreeing opinion, or on conditions that exclude each other, must say why it does not follow them",
);

/// Of an extension.
pub const EXTENDED: Word = Word::new(
    "延长期限的理由应当告知申请人（行政许可法第四十二条）",
    "the applicant is told the reasons of an extension (Administrative Licensing Law, article 42)",
);

/// Of another visit to a site where the department has been.
pub const VISITED_AGAIN: Word = Word::new(
    "该部门已经到场踏勘过，再次踏勘须说明原因",
    "the department has been at the site, and says why it must go again",
);

/// Of every other act that wants reasons.
pub const ON_RECORD: Word = Word::new(
    "此项办理的理由须记录在案",
    "they stand on record with the act",
);
