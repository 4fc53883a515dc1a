//! The measuring stick of lianshen: it grows a centre of any size in the real schema, loads the real program, and
//! compares what it reaches with the limit of the database in the same run.

pub mod bare;
pub mod bounds;
pub mod centre;
pub mod cluster;
pub mod duel;
pub mod grow;
pub mod hot;
pub mod life;
pub mod limit;
pub mod load;
pub mod operation;
pub mod program;
pub mod replay;
pub mod report;
pub mod sample;
pub mod sink;
pub mod soundness;
pub mod stamp;
pub mod sweep;
pub mod template;
pub mod wire;
pub mod world;
