//! Datagrams with descriptors over a Unix socket, and timeouts as the kernel takes them. Knows
//! nothing of what is sent. Source: unix(7), cmsg(3).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Most descriptors in one message.
pub const MAX_DESCRIPTORS: usize = 64;

/// What came in one message.
#[derive(Debug)]
pub struct Received {
    /// Bytes of the body; 0 at the end of the connection.
    pub length: usize,
    /// Descriptors that came with it, close-on-exec; dropping them closes them.
    pub descriptors: Vec<OwnedFd>,
    /// The sender's process id, where the socket was asked for credentials.
    pub sender: Option<i32>,
}

/// A duration as a timeout; one that is too long is the longest there is.
pub fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// Waits until there is something to be read, or the other end is closed; false when that is not so
/// in time. No signal makes it wait longer (poll(2)).
///
/// # Errors
/// poll(2)'s, but an interruption.
pub fn readable(fd: impl AsFd, until: Instant) -> io::Result<bool> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timespec(left))) {
            Err(rustix::io::Errno::INTR) if left.is_zero() => return Ok(false),
            Err(rustix::io::Errno::INTR) => {}
            other => return Ok(other? > 0),
        }
    }
}

/// Sends one message; a peer that is gone is an error (`EPIPE`), not a signal.
///
/// # Errors
/// sendmsg(2)'s, and `EMSGSIZE` for more than [`MAX_DESCRIPTORS`].
pub fn send(socket: impl AsFd, body: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
    }
    Ok(sendmsg(socket, &[IoSlice::new(body)], &mut ancillary, SendFlags::NOSIGNAL).map(drop)?)
}

/// Waits for one message. What does not fit into `body` is cut off.
///
/// # Errors
/// recvmsg(2)'s, but an interruption.
pub fn receive(socket: impl AsFd, body: &mut [u8]) -> io::Result<Received> {
    let mut space =
        [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1), ScmRights(MAX_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let length = loop {
        match recvmsg(&socket, &mut [IoSliceMut::new(body)], &mut ancillary, flags) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?.bytes,
        }
    };
    let mut received = Received { length, descriptors: Vec::new(), sender: None };
    for message in ancillary.drain() {
        match message {
            RecvAncillaryMessage::ScmRights(rights) => received.descriptors.extend(rights),
            RecvAncillaryMessage::ScmCredentials(credentials) => {
                received.sender = Some(credentials.pid.as_raw_nonzero().get());
            }
            _ => {}
        }
    }
    Ok(received)
}

#[cfg(test)]
mod tests {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use rustix::pipe::pipe;

    use super::*;

    #[test]
    fn a_message_takes_its_descriptors_along() {
        let flags = SocketFlags::CLOEXEC;
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).expect("socket");
        let (read, write) = pipe().expect("pipe");
        send(&ours, b"take", &[write.as_fd()]).expect("send");
        drop((ours, write));
        let mut body = [0; 16];
        let received = receive(&theirs, &mut body).expect("receive");
        assert_eq!((&body[..received.length], received.sender), (&b"take"[..], None));
        rustix::io::write(&received.descriptors[0], b"x").expect("write");
        assert_eq!(rustix::io::read(&read, &mut body).expect("read"), 1);
        assert_eq!(receive(&theirs, &mut body).expect("end").length, 0);
    }

    /// A thread that gets a signal every millisecond, which is handled.
    #[test]
    fn a_wait_ends_in_time_however_often_it_is_interrupted() {
        let (read, _write) = pipe().expect("pipe");
        let done = std::sync::atomic::AtomicBool::new(false);
        let relaxed = std::sync::atomic::Ordering::Relaxed;
        // SAFETY: the handler does nothing; the thread that is told lives until the scope ends.
        let waits = unsafe {
            extern "C" fn nothing(_: libc::c_int) {}
            libc::signal(libc::SIGUSR2, nothing as *const () as usize);
            libc::pthread_self()
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let start = Instant::now();
                while !done.load(relaxed) && start.elapsed() < Duration::from_secs(20) {
                    // SAFETY: as above.
                    unsafe { libc::pthread_kill(waits, libc::SIGUSR2) };
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            let start = Instant::now();
            assert!(!readable(&read, start + Duration::from_millis(300)).expect("poll"));
            done.store(true, relaxed);
            let waited = start.elapsed();
            assert!(waited >= Duration::from_millis(300) && waited < Duration::from_secs(10));
        });
    }

    #[test]
    fn a_timeout_is_never_negative() {
        assert_eq!(timespec(Duration::MAX).tv_sec, i64::MAX);
        assert_eq!(timespec(Duration::from_millis(1500)).tv_nsec, 500_000_000);
    }
}
