//! What a jail holds and what it leaves, seen from outside: payloads of the jig in real jails, by
//! a launcher that is root, one that is an ordinary user, and one that can make no cgroup. Layers
//! that are not under proof are off: no payload here is under Landlock or seccomp.

mod apart;
mod ends;
mod limits;
mod rig;
mod signals;
mod standby;
