//! What people come for, from beginning to end.

mod upload_then_find;
