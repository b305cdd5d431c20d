//! Reading and filing: every kind of document becomes searchable, none can do harm, and filing learns from its user.

mod crashes;
mod damage;
mod filing;
mod kinds;
mod runs;
