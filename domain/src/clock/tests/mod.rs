mod examples;
mod explain;
mod random;
mod sheet;
mod traps;
