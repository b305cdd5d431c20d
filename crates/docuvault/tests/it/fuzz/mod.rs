//! Every route of the description, asked with what no client would send: never our fault, and never a word about our insides.

mod corpus;
mod injections;
mod routes;
