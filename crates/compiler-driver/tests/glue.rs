//! Compiles generated glue with sources as models write them, calls what it exports, and reads
//! the blocks back. The oracle is the layout of `saggar-skill-abi`, which is written without the
//! glue; what a compiler says of a mismatch is compared with what the driver will look for.

#[path = "glue/around.rs"]
mod around;
#[path = "glue/complaints.rs"]
mod complaints;
#[path = "glue/complaints_c.rs"]
mod complaints_c;
#[path = "glue/complaints_rust.rs"]
mod complaints_rust;
#[path = "glue/echo.rs"]
mod echo;
#[path = "glue/forms_c.rs"]
mod forms_c;
#[path = "glue/forms_cpp.rs"]
mod forms_cpp;
#[path = "glue/forms_rust.rs"]
mod forms_rust;
#[path = "glue/harness.rs"]
mod harness;
#[path = "glue/inferred.rs"]
mod inferred;
#[path = "skeleton/interfaces.rs"]
mod interfaces;
#[path = "glue/odd_cpp.rs"]
mod odd_cpp;
#[path = "glue/skeletons.rs"]
mod skeletons;
#[path = "glue/types_c.rs"]
mod types_c;
#[path = "glue/types_cpp.rs"]
mod types_cpp;
#[path = "glue/types_rust.rs"]
mod types_rust;
