//! Files made-up papers the way the product does and checks every answer.
#![cfg(test)]

mod dates;
mod day_zero;
mod facts;
mod hostile_input;
mod learning;
mod library;
mod memory_bytes;
mod speed;
mod titles;
