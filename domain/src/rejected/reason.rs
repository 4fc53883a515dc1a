//! The table of refusals. One place holds the code, the meaning and both texts of each, so that none can be forgotten.

use super::joint_review::joint_review_reasons;
use super::table::reasons;
use super::word::{Said as _, Word};
use crate::coded;
use crate::lang::Lang;

joint_review_reasons! { reasons! {
    // Anybody, anywhere.
    /// The object does not exist, or it is not yours to see; the two are never told apart.
    NotFound = "NOT_FOUND" {
        "未找到。请核对编号，或确认您有权查看。"
        "Not found. Check the number, or whether it is yours to see." }
    /// You are signed in, but your role may not do this.
    Forbidden = "FORBIDDEN" {
        "您的岗位无权进行此操作。请由有权限的人员办理。"
        "Your role may not do this. Ask a person whose role may." }
    /// Somebody changed the object since you read it.
    Conflict { expected: i64, actual: i64, changed: Word } = "CONFLICT" {
        "内容已被更改（您看到的是第 {expected} 版，现为第 {actual} 版：{changed}）。请刷新后重试。"
        "It was changed meanwhile (you read version {expected}, now it is {actual}: {changed}). Read it again and retry." }
    /// You see it, but these departments act on it, and yours is none of them.
    NotYours { departments: String } = "NOT_YOURS" {
        "此项由部门 {departments} 办理，您的部门可以查看，不能办理。请由该部门有权限的人员办理。"
        "This is for department {departments} to do; yours sees it and cannot. Ask a person there whose role may." }
    /// The idempotency key was used before, with another request.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED" {
        "该幂等键已用于另一项请求。请为新的请求换用新的键。"
        "This idempotency key belongs to another request. Use a new key for a new request." }
    /// Too much is going on at once; nothing was written.
    Busy = "BUSY" {
        "系统繁忙，未写入任何内容。请用同一幂等键稍后重试。"
        "Too busy; nothing was written. Retry shortly with the same idempotency key." }
    /// The record of the application holds something that this version of the program does not know: a newer one wrote it,
    /// or somebody changed it. Nothing is decided, and no date given, by half a record.
    RecordNotUnderstood = "RECORD_NOT_UNDERSTOOD" {
        "该申请的记录中有本版本程序不能识别的内容（可能由更新的版本写入），未写入任何内容。请稍后重试；仍不能办理的，请联系系统管理员更新程序或核查记录。"
        "The record of this application holds something that this version of the program does not know, perhaps because a newer one wrote it; nothing was written. Retry shortly; if it stays so, ask the system administrator to update the program or to check the ledger." }

    // Sign-in.
    /// The name or the password is wrong, or the account is closed; the three are never told apart.
    SignInFailed = "SIGN_IN_FAILED" {
        "用户名或密码不正确。请核对后重试；忘记密码的，请联系系统管理员重置。"
        "The name or the password is wrong. Check both and try again; who has forgotten the password asks a system administrator for a new one." }
    /// Too many attempts failed; wait before the next.
    TooManyAttempts { seconds: u64 } = "TOO_MANY_ATTEMPTS" {
        "尝试次数过多。请在 {seconds} 秒后重试。"
        "Too many attempts. Try again in {seconds} seconds." }
    /// The session has ended; sign in again.
    SessionEnded = "SESSION_ENDED" {
        "登录已失效，请重新登录。"
        "The session has ended. Sign in again." }
    /// The password is too weak.
    PasswordTooWeak { min: usize } = "PASSWORD_TOO_WEAK" {
        "密码过弱：至少 {min} 个字符，且不得是常见密码或与用户名相近。"
        "The password is too weak: at least {min} characters, neither common nor close to the account name." }
    /// Another account has this name.
    AccountNameTaken = "ACCOUNT_NAME_TAKEN" {
        "该用户名已被使用。请换一个。"
        "Another account has this name. Choose another." }
    /// The name holds letters that look like others.
    AccountNameConfusable = "ACCOUNT_NAME_CONFUSABLE" {
        "用户名只能由汉字、英文字母、数字和 . _ - @ 组成，以免与其他用户名混淆。请换一个。"
        "An account name is made of Chinese characters, the letters a to z, digits and . _ - @, lest it look like another. Choose another." }
    /// The account is closed, for ever.
    AccountClosed = "ACCOUNT_CLOSED" {
        "该账户已注销，不能再使用。请另开账户。"
        "The account is closed for ever. Open another one." }
    /// The role needs a department, a window or an applicant, or must not have one.
    AccountIncomplete { role: Word, needs: Word } = "ACCOUNT_INCOMPLETE" {
        "岗位“{role}”{needs}。"
        "The role {role} needs {needs}." }

    /// Nobody closes the account through which they act, so that a centre never loses its last administrator, nor gives it
    /// another password without the present one.
    OwnAccount = "OWN_ACCOUNT" {
        "不能对自己的账户进行此操作。请由其他系统管理员办理；修改自己的密码请用 passwordChange。"
        "You cannot do this to your own account. Ask another system administrator; change your own password by `passwordChange`." }

    // Input.
    /// The text is empty.
    TextEmpty = "TEXT_EMPTY" {
        "此项必须填写。"
        "This must be filled in." }
    /// The text is too long.
    TextTooLong { max: usize } = "TEXT_TOO_LONG" {
        "内容过长，最多 {max} 个字符。请缩短后重试。"
        "Too long: at most {max} characters. Shorten it." }
    /// The text holds control characters, or others that nobody can see.
    TextNotPrintable = "TEXT_NOT_PRINTABLE" {
        "内容含有控制字符或不可见字符，请删除后重试。"
        "The text holds control or invisible characters. Remove them." }
    /// The id is not one of ours.
    IdMalformed = "ID_MALFORMED" {
        "标识格式不正确。请使用接口返回的 id。"
        "This is not an id of this system. Use ids as the API returned them." }
    /// The id is of another kind of object.
    IdWrongKind { wanted: String, got: String } = "ID_WRONG_KIND" {
        "此处需要 {wanted} 的标识，收到的是 {got}。"
        "An id of kind {wanted} is wanted here, this one is of kind {got}." }
    /// The citizen identity number is malformed or its check digit is wrong.
    IdNumberInvalid = "ID_NUMBER_INVALID" {
        "身份证号码不正确（位数、出生日期或校验码）。请核对。"
        "The identity number is wrong (length, birth date or check digit). Check it." }
    /// The unified social credit code is malformed or its check character is wrong.
    CreditCodeInvalid = "CREDIT_CODE_INVALID" {
        "统一社会信用代码不正确（位数或校验码）。请核对。"
        "The unified social credit code is wrong (length or check character). Check it." }
    /// The telephone number is malformed.
    PhoneInvalid = "PHONE_INVALID" {
        "电话号码不正确。请填写 5 至 20 位数字，可含 + 和 -。"
        "The telephone number is wrong. Give 5 to 20 digits, + and - allowed." }
    /// The date lies outside what can be.
    DateOutOfRange { from: String, to: String } = "DATE_OUT_OF_RANGE" {
        "日期超出范围，应在 {from} 至 {to} 之间。"
        "The date is out of range: it must lie between {from} and {to}." }
    /// The number lies outside what can be.
    NumberOutOfRange { min: i64, max: i64 } = "NUMBER_OUT_OF_RANGE" {
        "数值超出范围，应在 {min} 至 {max} 之间。请更正。"
        "The number is out of range: give one from {min} to {max}." }
    /// A list holds too many entries.
    ListTooLong { max: usize } = "LIST_TOO_LONG" {
        "条目过多，最多 {max} 条。请减少条目。"
        "Too many entries: at most {max}. Leave some out." }
    /// The sheets of clocks that one question asks for are too long together.
    SheetsTooLong = "SHEETS_TOO_LONG" {
        "期限计算单合计过长。请分次查询。"
        "The sheets are too long together. Ask for fewer at once." }
    /// The page is too large, or its size is not positive.
    PageSize { max: i32 } = "PAGE_SIZE" {
        "每页条数应在 1 至 {max} 之间。"
        "Ask for 1 to {max} rows a page." }
    /// Only one direction may be asked for at a time.
    PageDirection = "PAGE_DIRECTION" {
        "first/after 与 last/before 不能同时使用。"
        "Use first with after, or last with before, not both." }
    /// The cursor is not one of this list.
    CursorInvalid = "CURSOR_INVALID" {
        "游标不属于此列表。请使用此列表返回的游标。"
        "This cursor belongs to another list. Use a cursor that this list returned." }

    // Catalogue and submission.
    /// The item is not published.
    ItemNotPublished { item: String } = "ITEM_NOT_PUBLISHED" {
        "事项 {item} 未公布，不能申请。请从已公布的事项中选择。"
        "Item {item} is not published. Choose a published item." }
    /// The bundle is not published.
    BundleNotPublished { bundle: String } = "BUNDLE_NOT_PUBLISHED" {
        "“一件事” {bundle} 未公布。请从已公布的主题中选择。"
        "Bundle {bundle} is not published. Choose a published bundle." }
    /// No item was asked for.
    NoItems = "NO_ITEMS" {
        "未选择任何事项。请至少选择一项，或选择“一件事”并回答问题。"
        "No item was chosen. Choose at least one, or choose a bundle and answer its questions." }
    /// The same item was asked for twice.
    ItemTwice { item: String } = "ITEM_TWICE" {
        "事项 {item} 重复。一次申请中每个事项只能出现一次。"
        "Item {item} stands twice. An application names each item once." }
    /// The item does not belong to the bundle, or the answers exclude it.
    ItemExcluded { item: String } = "ITEM_EXCLUDED" {
        "按照所选主题和回答，不需要事项 {item}。请更正回答或去掉该事项。"
        "By the bundle and the answers, item {item} is not needed. Correct the answers or leave the item out." }
    /// The answers demand an item that was left out although another depends on it.
    ItemMissing { item: String } = "ITEM_MISSING" {
        "按照回答还需要事项 {item}，因为所选事项以其为前置。请一并选择，或者更正回答。"
        "By the answers item {item} is needed too, because another one depends on it. Choose it as well, or correct the answers." }
    /// The item is not for this kind of applicant.
    ItemNotForApplicant { item: String } = "ITEM_NOT_FOR_APPLICANT" {
        "事项 {item} 不面向此类申请人。请核对申请人类型。"
        "Item {item} is not for this kind of applicant. Check the kind of applicant." }
    /// The question is not one of the bundle.
    QuestionUnknown { question: String } = "QUESTION_UNKNOWN" {
        "该主题没有问题 {question}。请只回答该主题的问题。"
        "The bundle has no question {question}. Answer those that it has." }
    /// The answer is not one of the options, or the question was answered twice.
    AnswerUnknown { question: String } = "ANSWER_UNKNOWN" {
        "问题 {question} 的回答不在选项之中，或回答了两次。请从其选项中选择一个。"
        "The answer to question {question} is not one of its options, or was given twice. Choose one of its options, once." }
    /// A required material is missing; the text names all that are missing at once.
    MaterialMissing { materials: String } = "MATERIAL_MISSING" {
        "缺少必要材料：{materials}。请一次补齐后再提交。"
        "Required materials are missing: {materials}. Add all of them, then send it again." }
    /// The material is not on the published list of any item asked for (行政许可法 第三十一条).
    MaterialNotListed { material: String } = "MATERIAL_NOT_LISTED" {
        "材料 {material} 不在所申请事项公布的清单内，不得收取。请去掉该材料。"
        "Material {material} is not on the published list of these items and may not be taken. Leave it out." }
    /// The same material was handed in twice.
    MaterialTwice { material: String } = "MATERIAL_TWICE" {
        "材料 {material} 重复。一套材料只交一次，请去掉重复的一份。"
        "Material {material} stands twice. One set of materials is handed in once; leave the second out." }

    /// The digest is not one: 64 hexadecimal digits of SHA-256.
    DigestInvalid = "DIGEST_INVALID" {
        "文件摘要不正确，应为 SHA-256 的 64 位十六进制数。"
        "The digest is wrong: give the 64 hexadecimal digits of SHA-256." }

    // Reviews, decisions, delivery.
    /// The act does not fit the state of the object.
    WrongState { state: Word } = "WRONG_STATE" {
        "当前状态为“{state}”，不能进行此操作。请刷新后按当前状态办理。"
        "This cannot be done in state {state}. Read it again and go on from there." }
    /// The review waits for a predecessor; its clock has not begun.
    AwaitsPredecessor = "AWAITS_PREDECESSOR" {
        "此件尚未开始审查：申请尚未受理，或者前置事项尚未准予。请等待其开始；意见可以先拟稿（reviewDraftOpinion）。"
        "This review has not begun: the application is not accepted yet, or a predecessor is not granted yet. Wait until it begins; an opinion may be drafted before (reviewDraftOpinion)." }
    /// Somebody else of the department has claimed the review.
    ClaimedByOther = "CLAIMED_BY_OTHER" {
        "此件已由本部门其他人员领取。请办理其他待办，或者请其释放（reviewRelease），也可由决定人员改派（reviewAssign）。"
        "Somebody else of your department has claimed this review. Take another one, or ask them to release it (reviewRelease), or a decider to assign it (reviewAssign)." }
    /// It was decided before, and differently; the text says what was decided.
    AlreadyDecided { decided: Word } = "ALREADY_DECIDED" {
        "已经作出决定或意见：“{decided}”，不能再更改。请刷新查看；意见可由决定人员退回重审（reviewReturn），登记有误的可以申请作废（caseAskVoid）。"
        "It was decided before: {decided}. It can no longer be changed: read it again. A decider may send an opinion back (reviewReturn); who registered in error asks for a void (caseAskVoid)." }
    /// Reasons are required; the text says why.
    ReasonsRequired { because: Word } = "REASONS_REQUIRED" {
        "必须写明理由：{because}。"
        "Reasons are required: {because}." }
    /// One person may not do both acts on the same case.
    SamePerson = "SAME_PERSON" {
        "同一人不得既受理又决定。请由其他有权人员决定。"
        "Who accepted the case may not decide it. Another person with the right must." }

    // Acts that move clocks.
    /// The act is dated to a day that has not come.
    ActInFuture { today: String } = "ACT_IN_FUTURE" {
        "办理日期晚于今天（{today}）。请填写实际办理的日期。"
        "The act is dated after today ({today}). Give the day on which it was done." }
    /// The act is dated before the application was received.
    ActBeforeReceipt { received: String } = "ACT_BEFORE_RECEIPT" {
        "办理日期早于收件日期（{received}）。请核对日期。"
        "The act is dated before the receipt ({received}). Check the date." }
    /// The act is dated before what it follows from.
    ActOutOfOrder { after: String } = "ACT_OUT_OF_ORDER" {
        "办理日期早于其前一环节的日期（{after}）。请核对先后顺序。"
        "The act is dated before the one that it follows ({after}). Check the order." }
    /// Your role may not enter acts after the fact (补录).
    LateEntryForbidden = "LATE_ENTRY_FORBIDDEN" {
        "您的岗位不得补录以前日期的办理。请由窗口人员、决定人员或牵头人员补录。"
        "Your role may not enter an act after the fact. A clerk, decider or lead coordinator may." }
    /// The act lies too far back to be entered after the fact.
    LateEntryTooOld { days: u32 } = "LATE_ENTRY_TOO_OLD" {
        "补录只能追溯 {days} 日以内。更早的办理请作废后重新登记。"
        "An entry after the fact may go back {days} days. For older acts, void the record and register anew." }
    /// The acceptance check lapsed; the application is accepted as of its receipt (行政许可法 第三十二条).
    DeemedAccepted { since: String } = "DEEMED_ACCEPTED" {
        "受理审查期限内未告知，已自收到之日（{since}）起视为受理（行政许可法第三十二条第一款第四项），此操作不再有效。请继续审查。"
        "Nobody answered within the acceptance check, so it is accepted as of {since} (Administrative Licensing Law, article 32(1)(4)). Go on with the review." }
    /// A correction notice names everything, once (行政许可法 第三十二条).
    CorrectionTwice = "CORRECTION_TWICE" {
        "已经一次性告知补正，不得再次要求（行政许可法第三十二条第一款第四项），超出首次告知的要求按 MAT-02 记录。请受理或者不予受理。"
        "The correction notice was given; there is only one (Administrative Licensing Law, article 32(1)(4)); what goes beyond it is recorded under MAT-02. Accept, or refuse to accept." }
    /// Who says that something is missing names at least one point.
    CorrectionEmpty = "CORRECTION_EMPTY" {
        "没有列明缺少的内容。请列明全部需要补正的内容，至少一项；材料齐全的，请报告齐全（caseReportComplete）。"
        "Nothing is named that is missing. Name every point, and at least one; where all is there, say so (caseReportComplete)." }
    /// The time for the supplement is over.
    SupplementLate { due: String } = "SUPPLEMENT_LATE" {
        "补正期限已于 {due} 届满。请重新提出申请。"
        "The time for the supplement ended on {due}. Apply anew." }
    /// The time for the supplement was extended once already.
    SupplementExtendedTwice = "SUPPLEMENT_EXTENDED_TWICE" {
        "补正期限只能延长一次。请在延长后的期限内补正。"
        "The time for the supplement is extended once only. Hand in what is missing within it." }
    /// The material may not follow after acceptance; only those marked 容缺后补 may.
    MaterialNotDeferrable { material: String } = "MATERIAL_NOT_DEFERRABLE" {
        "材料 {material} 不属于可容缺后补的材料。请补齐后受理，或者一次性告知补正。"
        "Material {material} may not follow after acceptance. Have it handed in, or give a correction notice." }
    /// No material is missing that a conditional acceptance could wait for.
    NothingMissing = "NOTHING_MISSING" {
        "没有可容缺后补的材料。请按一般受理办理。"
        "No material is missing that may follow. Accept in the ordinary way." }
    /// The item does not list this special procedure (行政许可法 第四十五条).
    ProcedureNotListed { procedure: Word, item: String } = "PROCEDURE_NOT_LISTED" {
        "事项 {item} 未列特别程序“{procedure}”，不得以此中止计时（行政许可法第四十五条）。请继续审查，或者选择该事项所列的特别程序。"
        "Item {item} does not list the special procedure {procedure}, so it stops no clock (Administrative Licensing Law, article 45). Go on with the review, or choose a procedure that the item lists." }
    /// The written notice must be delivered on or before the start (行政许可法 第四十五条).
    ProcedureNoticeLate { starts: String } = "PROCEDURE_NOTICE_LATE" {
        "特别程序告知书须在开始日（{starts}）当日或之前送达申请人（行政许可法第四十五条）。"
        "The written notice must be delivered on or before the start, {starts} (Administrative Licensing Law, article 45)." }
    /// Only a hearing can be held of the department's own motion (行政许可法 第四十六条).
    OwnMotionNoHearing = "OWN_MOTION_NO_HEARING" {
        "只有听证可以依职权举行（行政许可法第四十六条）；其他特别程序请去掉 ofOwnMotion。"
        "Only a hearing is held of one's own motion (Administrative Licensing Law, article 46). Leave ofOwnMotion out for other procedures." }
    /// Such a procedure is under way.
    ProcedureOpen { procedure: Word } = "PROCEDURE_OPEN" {
        "特别程序“{procedure}”正在进行。请先登记其结果，或者再次告知延长时间。"
        "The special procedure {procedure} is under way. End it with its result, or give a new notice." }
    /// No such procedure is under way.
    ProcedureNotOpen = "PROCEDURE_NOT_OPEN" {
        "没有正在进行的此项特别程序。请先登记开始。"
        "No such special procedure is under way. Begin it first." }
    /// The period has passed; nothing stops it any more (行政许可法 第四十二条).
    PeriodPassed { due: String } = "PERIOD_PASSED" {
        "法定期限已于 {due} 届满，不能再中止计时（行政许可法第四十二条）。请尽快作出决定。"
        "The statutory period passed on {due} and can no longer be suspended (Administrative Licensing Law, article 42). Decide as soon as possible." }
    /// The item may not be extended.
    ExtensionNotAllowed { item: String } = "EXTENSION_NOT_ALLOWED" {
        "{item} 未规定可以延期。请在期限内作出决定。"
        "No law allows to extend {item}. Decide within the period." }
    /// A period is extended once (行政许可法 第四十二条).
    ExtensionTwice = "EXTENSION_TWICE" {
        "期限只能延长一次（行政许可法第四十二条）。请在延长后的期限内作出决定。"
        "A period is extended once only (Administrative Licensing Law, article 42). Decide within the extended period." }
    /// The extension is longer than the law allows.
    ExtensionTooLong { max: u32 } = "EXTENSION_TOO_LONG" {
        "延长天数应在 1 至 {max} 之间（行政许可法第四十二条）。"
        "An extension has 1 to {max} days (Administrative Licensing Law, article 42)." }
    /// The period has passed; an extension has no effect any more.
    ExtensionLate { due: String } = "EXTENSION_LATE" {
        "期限已于 {due} 届满，届满后批准的延期无效（行政许可法第四十二条）。请尽快作出决定。"
        "The period passed on {due}; an extension approved later has no effect (Administrative Licensing Law, article 42). Decide as soon as possible." }
    /// Somebody else must approve the extension.
    ExtensionApprover { approver: Word } = "EXTENSION_APPROVER" {
        "此延期须由“{approver}”批准（行政许可法第四十二条）。"
        "This extension must be approved by {approver} (Administrative Licensing Law, article 42)." }
    /// Material is asked for once after acceptance.
    MaterialAskedTwice = "MATERIAL_ASKED_TWICE" {
        "受理后只能要求补充材料一次。请根据已有材料作出决定。"
        "Material is asked for only once after acceptance. Decide on what is there." }
    /// No material was asked for.
    MaterialNotAsked = "MATERIAL_NOT_ASKED" {
        "没有正在等待的补充材料：尚未要求（caseAskMaterial），或者已经收到。请刷新后按当前状态办理。"
        "No material is being waited for: none was asked for (caseAskMaterial), or it has come. Read it again and go on from there." }
    /// Another person must do this.
    SecondPersonNeeded = "SECOND_PERSON_NEEDED" {
        "此操作须由另一人复核。请由其他有权人员办理。"
        "A second person must confirm this. Ask another person with the right." }
    /// Nobody asked for it.
    VoidNotAsked = "VOID_NOT_ASKED" {
        "尚无人申请作废。请先由一人申请，再由另一人复核。"
        "Nobody asked for this record to be voided. One person asks, another confirms." }
    /// A renewal is of one licence, so of one item.
    RenewalOneItem = "RENEWAL_ONE_ITEM" {
        "延续申请只能针对一个事项的一个许可。请分别提出。"
        "A renewal is of one licence of one item. File each by itself." }
    /// The licence has expired and cannot be renewed.
    RenewalExpired { expired: String } = "RENEWAL_EXPIRED" {
        "许可已于 {expired} 届满，不能延续。请重新申请（行政许可法第五十条）。"
        "The licence expired on {expired} and cannot be renewed. Apply anew (Administrative Licensing Law, article 50)." }
    /// In a preview: the clock stands still already, or was not suspended.
    ResumeWithoutSuspend = "RESUME_WITHOUT_SUSPEND" {
        "没有与此恢复相对应的中止（行政许可法第四十五条）。请核对事件。"
        "There is no suspension for this to end (Administrative Licensing Law, article 45). Check the events." }
    /// In a preview: nothing has started the clock.
    NoStart = "NO_START" {
        "缺少起算事件（收件或者受理）。请补充后再试。"
        "Nothing starts the clock: give the receipt or the acceptance." }
    /// The code is none of those that can stand here.
    CodeUnknown { known: String } = "CODE_UNKNOWN" {
        "没有这个代码。可以填写：{known}。"
        "There is no such code here. Known are: {known}." }
    /// The past can be asked for, the future cannot.
    InstantInFuture { now: String } = "INSTANT_IN_FUTURE" {
        "所问的时刻尚未到来（现在是 {now}）。请填写过去的时刻。"
        "This instant has not come (it is {now}). Ask for one in the past." }
    // Calendars.
    /// The year has a national notice; an amended one names the number that it replaces.
    NoticeYearTaken { year: i32, number: String } = "NOTICE_YEAR_TAKEN" {
        "{year} 年已采用 {number}，每年只有一个全国通知（全国年节及纪念日放假办法第七条）。修改通知请注明所代替的文号。"
        "The notice {number} is in force for {year}, and a year has one national notice (Regulations on Public Holidays, article 7). An amended notice must name the number that it replaces." }
    /// A notice of this number was adopted with another text; what was adopted is never rewritten.
    NoticeNumberTaken { number: String } = "NOTICE_NUMBER_TAKEN" {
        "{number} 已采用，且内容不同。已采用的通知不能改写（行政许可法第八十二条的期限以其为据），请核对文号，修改通知请用其自己的文号。"
        "The notice {number} was adopted with another text. What periods rest on (Administrative Licensing Law, article 82) is never rewritten: check the number, and give an amended notice its own." }
    /// The notice that is to be replaced is not in force for this year and place.
    NoticeReplacesUnknown { number: String } = "NOTICE_REPLACES_UNKNOWN" {
        "所代替的 {number} 在该年度和范围内没有生效（全国年节及纪念日放假办法第七条）。请核对文号、年度和范围。"
        "The notice {number} is not in force for this year and place, so nothing can replace it (Regulations on Public Holidays, article 7). Check number, year and place." }
    /// The notice names no day: it would turn a year of guesses into facts.
    NoticeEmpty { year: i32 } = "NOTICE_EMPTY" {
        "{year} 年的通知未列出任何日期，不能据以计算工作日（行政许可法第八十二条）。请列出放假和调休上班日期。"
        "The notice for {year} names no day, so no working days can be counted by it (Administrative Licensing Law, article 82). Name the days off and the make-up days." }
    /// The day is not of the year of the notice; only a national one may name the last days of December before.
    NoticeDayOfOtherYear { date: String, year: i32 } = "NOTICE_DAY_OF_OTHER_YEAR" {
        "{date} 不属于 {year} 年的通知（全国年节及纪念日放假办法第七条）。只有全国通知可列出上一年 12 月 24 日以后的日期。"
        "The day {date} does not belong to a notice for {year} (Regulations on Public Holidays, article 7). Only a national notice may name days before its year, from December 24." }
    /// The notice names the day twice.
    NoticeDayTwice { date: String } = "NOTICE_DAY_TWICE" {
        "{date} 在通知中重复（全国年节及纪念日放假办法第七条）。请每个日期只列一次。"
        "The day {date} stands twice in the notice (Regulations on Public Holidays, article 7). Name each day once." }
    /// The notice makes one day both a day off and a working day.
    NoticeOffAndMakeup { date: String } = "NOTICE_OFF_AND_MAKEUP" {
        "{date} 既列为放假又列为上班（全国年节及纪念日放假办法第七条）。请按通知原文更正。"
        "The day {date} is both a day off and a make-up working day (Regulations on Public Holidays, article 7). Correct it by the text of the notice." }
    /// A make-up working day that is no Saturday or Sunday makes up for nothing.
    NoticeMakeupOnWeekday { date: String } = "NOTICE_MAKEUP_ON_WEEKDAY" {
        "{date} 不是周六或周日，不能列为调休上班（全国年节及纪念日放假办法第七条）。请核对日期。"
        "The day {date} is no Saturday or Sunday and cannot be a make-up working day (Regulations on Public Holidays, article 7). Check the date." }
    /// Another notice in force, for the same place, says otherwise of the day.
    NoticeDaysDisagree { date: String, number: String } = "NOTICE_DAYS_DISAGREE" {
        "{number} 对 {date} 的安排与此相反，同一范围内的通知不得抵触（行政许可法第八十二条）。修改通知请注明所代替的文号。"
        "The notice {number} says otherwise of {date}, and notices for one place may not contradict each other (Administrative Licensing Law, article 82). An amended notice must name the number that it replaces." }
    /// A local notice names a region by its division code.
    NoticeRegionInvalid { region: String } = "NOTICE_REGION_INVALID" {
        "地方通知的行政区划代码“{region}”不正确，应为 6、9 或 12 位数字；部门通知须同时注明地区（全国年节及纪念日放假办法第四条）。"
        "A local notice names its region by a division code of 6, 9 or 12 digits, a department's too; this is not one: '{region}' (Regulations on Public Holidays, article 4)." }
    /// The notice would hold for another centre of this installation too; that is for who runs it to adopt.
    NoticeOfOthers = "NOTICE_OF_OTHERS" {
        "该通知还将适用于本系统中的其他中心，或者不属于本地区，不能在此采用（行政许可法第八十二条）。请系统运维人员用命令行 lianshen calendar import 采用。"
        "The notice would also hold for other centres of this installation, or is not of your region, and cannot be adopted here (Administrative Licensing Law, article 82). Ask whoever runs the system to adopt it by the command line: lianshen calendar import." }
} }
