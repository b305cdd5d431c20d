//! Users are kept apart by the database itself: what a query forgets, row-level security does not.

mod catalog;
mod pool;
mod roles;
mod rows;
mod self_check;
mod vault;
