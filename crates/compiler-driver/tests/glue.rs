//! Compiles generated glue with sources as models write them, calls what it exports, and reads
//! the blocks back. The oracle is the layout of `saggar-skill-abi`, which is written without the
//! glue; what a compiler says of a mismatch is compared with what the driver will look for.

#[path = "glue/complaints.rs"]
mod complaints;
#[path = "glue/forms_c.rs"]
mod forms_c;
#[path = "glue/forms_cpp.rs"]
mod forms_cpp;
#[path = "glue/harness.rs"]
mod harness;
