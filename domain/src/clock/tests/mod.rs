//! Clocks by hand, by the worked examples, and at random against second implementations.
//!
//! Traps are mistakes seen in the code or in the issues of other systems; each one that a calendar or a clock can make
//! has a test that says its number.
//!
//! | trap | test |
//! | --- | --- |
//! | 1 | `traps::the_days_of_an_extension_meet_holidays_like_all_others` |
//! | 2 | the examples at [`Limit`](crate::clock::Limit) that must not compile |
//! | 3 | `traps::only_the_clocks_that_a_procedure_may_stop_are_moved`, `peers::a_suspension_moves_a_clock_by_exactly_its_days` |
//! | 4 | `peers::a_working_day_is_a_date_and_no_hours` |
//! | 5 | `calendar::tests::two_calendars_in_many_threads_do_not_mix` |
//! | 6 | `traps::a_date_beyond_the_notices_is_provisional` |
//! | 7 | `traps::while_suspended_the_date_is_projected_and_the_days_stand_still` |
//! | 8 | `calendar::tests::the_days_on_which_others_went_wrong`, `a_holiday_is_of_its_year_only` |
//! | 9 | `calendar::tests::backward_undoes_forward_for_working_days`, `peers::counting_back_from_a_due_date_finds_the_anchor` |
//! | 10 | `peers::a_clock_that_runs_over_the_last_notice_is_settled_by_the_next` |
//! | 11 | `traps::closed_in_time_is_green_for_ever_and_closed_late_keeps_its_colour` |
//! | 17 | `peers::who_suspended_is_judged_as_if_nobody_had`, and the dashboard's own |
//! | 20 | `peers::whatever_happens_later_keeps_an_extended_date` |
//! | 22 | `peers::overdue_work_can_be_done_and_the_breach_stays` |
//! | 23 | `traps::months_end_on_the_corresponding_day_or_with_the_month_and_roll` |
//! | 24 | `traps::overlapping_suspensions_exclude_a_day_once`, `peers::a_weekend_inside_a_suspension_is_not_excluded_twice` |

mod examples;
mod explain;
mod peers;
mod preview;
mod random;
mod run;
mod sheet;
mod traps;
