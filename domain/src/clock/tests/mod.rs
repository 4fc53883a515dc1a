mod examples;
mod random;
mod traps;
