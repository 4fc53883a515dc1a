//! The refusals of joint review: consultation, reviews that begin again, visits, the one correction notice, and mediation. They
//! belong to the one table of refusals.

macro_rules! joint_review_reasons {
    ($callback:ident! { $($others:tt)* }) => {
        $callback! {
            $($others)*

            // Consultation.
            /// No department was named whose opinion is wanted.
            NobodyAsked = "NOBODY_ASKED" {
                "没有列出要征求意见的部门。请至少列出一个部门。"
                "No department is named whose opinion is wanted. Name at least one." }
            /// The department is named twice.
            DepartmentTwice { department: String } = "DEPARTMENT_TWICE" {
                "部门 {department} 重复。每个部门只列一次。"
                "Department {department} stands twice. Name each once." }
            /// There is no such department at this centre.
            DepartmentUnknown { department: String } = "DEPARTMENT_UNKNOWN" {
                "本中心没有部门 {department}。请核对部门代码。"
                "There is no department {department} at this centre. Check the code." }
            /// A department does not ask itself.
            OwnDepartment { department: String } = "OWN_DEPARTMENT" {
                "{department} 即承办部门，其审查意见另行提出，不需征求。请选择其他部门。"
                "Department {department} handles the case and examines it anyway. Choose another." }
            /// The opinion of this department is still out.
            AlreadyAsked { department: String } = "ALREADY_ASKED" {
                "已向 {department} 征求意见，尚未答复。请等待其意见，或者先撤回。"
                "The opinion of {department} was asked for and has not come. Wait for it, or withdraw it first." }
            /// Only a mandatory opinion can have the force of a veto.
            VetoAdvisory = "VETO_ADVISORY" {
                "参考意见不具有否决效力。请改为会签意见，或者去掉否决依据。"
                "An advisory opinion has no force of a veto. Make it mandatory, or leave the article out." }
            /// The review is the examination by the department that handles the case.
            OpinionNotAsked = "OPINION_NOT_ASKED" {
                "承办部门的审查不是征求的意见，不能撤回或更换。如需重审，请由决定人员退回（reviewReturn）。"
                "This is the examination by the department that handles the case; it cannot be withdrawn or replaced. A decider may send it back (reviewReturn)." }
            /// Too few departments would remain for the round to become complete.
            NobodyLeft = "NOBODY_LEFT" {
                "撤回后，本轮会签意见将不足。请改为向其他部门征求意见（更换部门）。"
                "Too few mandatory opinions of this round would remain. Ask another department instead (replace it)." }
            /// Mandatory opinions of other departments have not come.
            OpinionsOutstanding { departments: String } = "OPINIONS_OUTSTANDING" {
                "会签意见尚未齐备，还在等待：{departments}。请等待其意见，或者更换部门。"
                "Mandatory opinions are still out: {departments}. Wait for them, or ask another department instead." }
            /// An article gives the disagreement of a department the force of a veto.
            Vetoed { department: String, article: String } = "VETOED" {
                "{department} 不同意，依据 {article} 不得准予。请作出不予许可的决定，或者再次征求其意见。"
                "Department {department} disagrees, and by {article} nothing may be granted against it. Refuse, or ask it once more." }

            /// Who does not agree sets no conditions.
            ConditionsOfDisagreement = "CONDITIONS_OF_DISAGREEMENT" {
                "不同意的意见不能附条件。请将其写入理由，或者改为同意并附条件。"
                "A disagreement has no conditions. Write them into the reasons, or agree on conditions." }
            /// The same condition stands twice.
            ConditionTwice = "CONDITION_TWICE" {
                "同一条件重复。请只列一次。"
                "This condition stands twice. Name it once." }

            // Reviews that begin again.
            /// What another department said is not sent back.
            OpinionOfOthers = "OPINION_OF_OTHERS" {
                "这是其他部门的意见，不能退回重审。如有需要，请再次征求其意见。"
                "This is the opinion of another department and cannot be sent back. Ask it once more instead." }
            /// A material on which the opinion relied was replaced; another review took its place.
            OpinionStale { material: String } = "OPINION_STALE" {
                "材料 {material} 已被替换，本意见不再有效。请在替代的审查中重新出具意见。"
                "Material {material} was replaced, so this opinion counts no more. Give a new one in the review that took its place." }
            /// The version of a material that you looked at was replaced.
            MaterialStale { material: String } = "MATERIAL_STALE" {
                "您所指的材料 {material} 是旧版本，已被新版本替换。请刷新此件，查看新版本，再就新版本办理。"
                "You named an old version of material {material}; a newer one has taken its place. Read it again, look at the new version, and go on with that one." }
            /// The new version is the same as the one that it would replace.
            MaterialUnchanged = "MATERIAL_UNCHANGED" {
                "新材料与原材料相同，无需替换。请核对所选的文件。"
                "The new version is the same as the present one; there is nothing to replace. Check that you chose the right file." }
            /// The material lies with the application already.
            MaterialThere { material: String } = "MATERIAL_THERE" {
                "材料 {material} 已经提交。如需更换，请用新版本替换。"
                "Material {material} is there already. Replace it if there is a newer version." }
            /// What the government holds is not demanded of the applicant (国务院令第716号 第七条).
            MaterialShared { material: String } = "MATERIAL_SHARED" {
                "材料 {material} 通过数据共享获取，不得要求申请人提供（国务院令第716号第七条）。申请人可以自愿提供。"
                "Material {material} is had by sharing and may not be demanded of the applicant (State Council Decree 716, article 7). The applicant may hand it in, and need not." }
            /// The account does not review for the department.
            NotAReviewer = "NOT_A_REVIEWER" {
                "该账户不是本部门的审查人员。请从本部门审查人员中选择。"
                "This account does not review for your department. Choose one of its reviewers." }
            /// Nobody stands in for themselves.
            OwnSubstitute = "OWN_SUBSTITUTE" {
                "代办人不能是本人。请选择其他审查人员。"
                "Nobody stands in for themselves. Choose another reviewer." }
            /// The reviewer is absent on some of these days already, or stands in for somebody who is.
            AbsenceOverlaps { from: String, through: String } = "ABSENCE_OVERLAPS" {
                "与已登记的外出（{from} 至 {through}）冲突。请调整日期或者换一位代办人。"
                "This overlaps with an absence on record ({from} to {through}). Change the days, or choose another substitute." }

            // Silence.
            /// The case did not pass by silence, so no paper is owed.
            PaperNotOwed = "PAPER_NOT_OWED" {
                "该办件不是超时默许通过，没有需要补发的文书，无需办理。"
                "This case did not pass by silence; no paper is owed for it, and there is nothing to do." }
            /// The case granted no licence by a decision.
            NotALicence = "NOT_A_LICENCE" {
                "该办件没有以决定准予的许可。请核对办件编号。"
                "This case granted no licence by a decision. Check its number." }
            /// The licence has ended.
            LicenceEnded { on: String } = "LICENCE_ENDED" {
                "该许可已于 {on} 失效，不需再次登记。需要许可的，请重新提出申请。"
                "This licence ended on {on}, and that is on record. Who needs one applies anew." }
            /// A department owes the paper of a case that passed by its silence.
            PaperOwed { items: String } = "PAPER_OWED" {
                "以下事项超时默许通过，主管部门尚未补发文书：{items}。补发后方可送达。"
                "These passed by silence and their departments owe the papers: {items}. Deliver when they are issued." }

            // Decided anew.
            /// Only a refusal can be revoked so that it is decided anew.
            NotRefused { state: Word } = "NOT_REFUSED" {
                "该办件并非不予许可（现为“{state}”），不能重新审查。只有不予许可的决定被撤销后才能重新作出决定（行政复议法第六十四条、行政诉讼法第七十条）。"
                "This case does not stand refused (it is {state}), so it cannot be decided anew. Only a refusal that was revoked can (Administrative Reconsideration Law, article 64; Administrative Litigation Law, article 70)." }
            /// It ended before it was accepted, and was never examined.
            NeverExamined = "NEVER_EXAMINED" {
                "该办件在受理之前即已结束，从未审查，不能重新作出决定。请申请人重新提出申请。"
                "This case ended before it was accepted and was never examined, so there is nothing to decide anew. Have the applicant file again." }
            /// For the same facts and reasons the same decision may not be made again (行政复议法 第六十四条第二款, 行政诉讼法 第七十一条).
            SameDecision { document: String } = "SAME_DECISION" {
                "该理由与已被 {document} 撤销的决定相同。不得以同一事实和理由作出与原决定相同或者基本相同的决定（行政复议法第六十四条、行政诉讼法第七十一条）。请根据重新查明的事实说明理由。"
                "These are the reasons of the decision that {document} revoked. For the same facts and reasons the same decision may not be made again (Administrative Reconsideration Law, article 64; Administrative Litigation Law, article 71). Give the reasons that the new review found." }

            // Visits.
            /// A joint visit joins at least two departments.
            DepartmentsTooFew = "DEPARTMENTS_TOO_FEW" {
                "联合踏勘或者联审会议至少要有两个部门。请补充部门，或者由该部门自行办理。"
                "A joint visit has at least two departments. Name another, or let the one go by itself." }
            /// The department neither handles an open case of the application nor is asked for an opinion on one.
            DepartmentTakesNoPart { department: String } = "DEPARTMENT_TAKES_NO_PART" {
                "部门 {department} 未参与此事项的办理。请从参与办理的部门中选择。"
                "Department {department} takes no part in this. Choose one that does." }
            /// The visit would begin before now.
            VisitInPast = "VISIT_IN_PAST" {
                "踏勘或者会议的时间已过。请另定时间。"
                "The visit would begin in the past. Set another time." }
            /// The departments must be told in time.
            VisitNoticeShort { days: u32, earliest: String } = "VISIT_NOTICE_SHORT" {
                "须至少提前 {days} 个工作日通知各部门，最早可定在 {earliest}。请另定时间。"
                "The departments must be told at least {days} working days before; the first possible day is {earliest}. Set another time." }
            /// Two different persons of each department visit a site (行政许可法 第三十四条第三款).
            TwoPersonsNeeded { department: String } = "TWO_PERSONS_NEEDED" {
                "部门 {department} 须指派两名以上不同的工作人员进行踏勘（行政许可法第三十四条第三款）。请补充人员。"
                "Department {department} must send two different persons to the site (Administrative Licensing Law, article 34(3)). Name both." }
            /// The same person stands twice.
            PersonTwice { person: String } = "PERSON_TWICE" {
                "人员 {person} 重复。请填写不同的人员。"
                "The person {person} stands twice. Name different persons." }
            /// The department is called to such a visit already, which has not been held.
            VisitOpen { department: String, on: String } = "VISIT_OPEN" {
                "部门 {department} 已通知参加 {on} 的踏勘或者会议，尚未举行。请更改该次的时间，或者先取消。"
                "Department {department} is called to such a visit on {on} already. Move that one, or cancel it first." }
            /// The visit has not begun.
            VisitNotBegun { begins: String } = "VISIT_NOT_BEGUN" {
                "踏勘或者会议定于 {begins} 开始，此前不能登记结论。请在其开始后登记；时间有变的，请先改期。"
                "The visit begins at {begins}; nothing can be recorded before. Record it then, or move the visit first." }
            /// The conclusion of this department stands in the record; there is one of each.
            ConclusionTwice { department: String } = "CONCLUSION_TWICE" {
                "部门 {department} 的结论已经登记，每个部门只有一条。请刷新查看。"
                "The conclusion of department {department} stands already; there is one of each. Read the record again." }
            /// The record says nothing of these departments.
            ConclusionMissing { departments: String } = "CONCLUSION_MISSING" {
                "记录中缺少以下部门：{departments}。请逐一登记其结论，或者登记其缺席。"
                "The record says nothing of {departments}. Give the conclusion of each, or say that it was absent." }
            /// Who was absent concluded nothing.
            AbsentConcludes { department: String } = "ABSENT_CONCLUDES" {
                "部门 {department} 缺席，不能登记其结论。请去掉其结论，或者更正到场情况。"
                "Department {department} was absent and concluded nothing. Leave its conclusion out." }
            /// Nobody came, so nothing was held.
            NobodyCame = "NOBODY_CAME" {
                "没有部门到场，不能登记为已举行。请改期或者取消。"
                "No department came, so nothing was held. Move the visit, or cancel it." }
            /// The same defect stands twice.
            DefectTwice = "DEFECT_TWICE" {
                "同一问题重复。每个问题只列一次，可以注明多个部门。"
                "This defect stands twice. List it once; it may name several departments." }

            // The one correction notice.
            /// Departments that may still say what they miss have not.
            ReportsOutstanding { departments: String } = "REPORTS_OUTSTANDING" {
                "以下部门尚未报告材料是否齐全：{departments}。请等待其报告，或者待核对期限届满。"
                "These departments have not said what they miss: {departments}. Wait for them, or until their days are over." }
            /// A department misses something, and nobody told the applicant.
            MissingReported { departments: String } = "MISSING_REPORTED" {
                "以下部门报告缺件：{departments}。请发出合并的补正告知，或者待其报告齐全。"
                "These departments miss something: {departments}. Send the merged notice, or have them report that all is there." }
            /// What is missing was to be reported in time, before the notice and before acceptance.
            ReportTooLate { due: String } = "REPORT_TOO_LATE" {
                "缺件应不迟于 {due}，且在补正告知和受理之前报告，现在不能再要求。超出补正告知的要求按 MAT-02 记录。"
                "What is missing had to be reported by {due}, before the notice and before acceptance. It cannot be asked for any more; what goes beyond the notice is recorded under MAT-02." }
            /// After the supplement only what the notice names can still be missing.
            PointNotInNotice { point: String } = "POINT_NOT_IN_NOTICE" {
                "补正告知中没有这一事项：{point}。补正后不得提出新的要求，此类要求按 MAT-02 记录。"
                "The notice does not name this: {point}. Nothing new may be asked for after the supplement; the attempt is recorded under MAT-02." }
            /// The lead department sends the merged notice.
            LeadSendsNotice { department: String } = "LEAD_SENDS_NOTICE" {
                "合并的补正告知由牵头部门 {department} 发出。请将缺少的内容报告给牵头部门（caseReportMissing）。"
                "The merged notice is sent by the lead department {department}. Report to it what you miss (caseReportMissing)." }
            // Mediation.
            /// These two opinions do not contradict each other, or do not count any more.
            NoConflict = "NO_CONFLICT" {
                "这两项意见之间没有分歧，或者已经失效。请从办件的意见分歧中选择。"
                "These two opinions do not contradict each other now. Choose two of a conflict that the case shows." }
            /// What another department decides on its own licence is never overridden; only opinions on one case are mediated.
            OtherLicence = "OTHER_LICENCE" {
                "该意见属于其他事项的许可，由其主管部门独立决定，不能协调或者推翻。只能协调同一办件中的意见。"
                "That opinion belongs to a licence of its own, which its department alone decides; it cannot be mediated or overridden. Only opinions on one case can." }
            /// A conflict is mediated at this level.
            MediationOpen { level: Word } = "MEDIATION_OPEN" {
                "意见分歧正在协调中（层级：{level}）。请先达成一致或者记录保留意见。"
                "A conflict of opinions is being mediated (level {level}). Settle it first, or record the minority view." }
            /// Another level holds the mediation.
            MediationElsewhere { level: Word } = "MEDIATION_ELSEWHERE" {
                "该协调现处于“{level}”层级，由该层级办理。请由该层级的人员办理，或者等待其结果。"
                "The mediation stands at level {level} and is for who holds it. Ask them, or wait for what comes of it." }
            /// Nothing is above the head of the government.
            MediationAtTop = "MEDIATION_AT_TOP" {
                "协调已到最高层级，不能再提请上一级。请记录结果。"
                "The mediation has come to the highest level and climbs no further. Record what comes of it." }
            /// The department is not one of the two that contradict each other.
            NotAParty { department: String } = "NOT_A_PARTY" {
                "部门 {department} 不是分歧双方之一。请由分歧双方说明立场。"
                "Department {department} is not one of the two that contradict each other. Only those two say what they hold." }
            /// Only from the centre is a department named, and none that the conflict concerns.
            NotToBeNamed { department: String } = "NOT_TO_BE_NAMED" {
                "不能在此指定部门 {department}。只有中心可以指定，且不能是分歧双方或者承办部门。"
                "Department {department} cannot be named here. Only the centre names one, and neither of the two nor the one that handles the case." }
        }
    };
}

pub(super) use joint_review_reasons;
