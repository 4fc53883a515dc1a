//! The measuring stick of lianshen: it grows a centre of any size in the real schema, loads the real program, and
//! compares what it reaches with the limit of the database in the same run.

pub mod centre;
pub mod grow;
pub mod life;
pub mod sink;
pub mod soundness;
pub mod stamp;
pub mod template;
