//! Mutated inputs for everything that reads what somebody else wrote.
//!
//! Each parser has a corpus of good inputs (`corpus/NAME`, and files of other tests), a mutator makes bad ones of them,
//! and whatever comes, a parser must end, stay within memory that follows from the input's length, never panic, and
//! give nothing to a terminal that could steer it.
//!
//! A normal run tries a fixed number of inputs that follow from one seed. `FUZZ_SECONDS=600 cargo test --test fuzz`
//! goes on that long for each parser, with another seed every time; `FUZZ_SEED=N` chooses it. An input that a parser
//! cannot take is written to a file; put it into the corpus together with the mend.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the helpers of tests are tests too"
)]

mod harness;
mod memory;
mod mutate;
mod shown;

mod filters;
mod packets;
mod profiles;

mod sockets;
mod ssh;
mod target;
mod writer;
