//! Documents: listed, changed, put into the trash and out of it, erased, read.

mod change;
mod list;
mod list_filters;
mod read_again;
mod text;
mod trash;
