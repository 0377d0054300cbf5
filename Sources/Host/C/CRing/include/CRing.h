#ifndef CRING_H
#define CRING_H

/* <sys/select.h> comes first: <liburing.h> sets _XOPEN_SOURCE, which would change fd_set under
 * Swift's Glibc module. Everything here is a static inline: IOSQE_* are shifted enums and the
 * atomics of the ring heads are macros, none of which Swift imports. */
#include <sys/select.h>
#include <poll.h>
#include <sys/socket.h>
#include <liburing.h>
#include <sys/mman.h>
#include <unistd.h>

#define CRING_CQE_BUFFER 1u
#define CRING_CQE_MORE 2u

/* Sets the ring up with the wanted flags; 0 or -errno. */
static inline int cring_setup(struct io_uring *ring, unsigned entries, unsigned flags) {
  struct io_uring_params p = {0};
  p.flags = flags | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  p.cq_entries = entries * 4;
  return io_uring_queue_init_params(entries, ring, &p);
}

/* Whether this kernel knows every operation the worker uses, and keeps what succeeds silent. */
static inline int cring_knows_operations(struct io_uring *ring) {
  static const int wanted[] = {IORING_OP_ACCEPT,  IORING_OP_RECV,    IORING_OP_SEND,
                               IORING_OP_SENDMSG, IORING_OP_CONNECT, IORING_OP_TIMEOUT,
                               IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL};
  struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
  int known = probe != NULL && (ring->features & IORING_FEAT_CQE_SKIP);
  for (unsigned i = 0; known && i < sizeof wanted / sizeof *wanted; i++)
    known = io_uring_opcode_supported(probe, wanted[i]);
  io_uring_free_probe(probe);
  return known;
}

/* liburing 2.3 has no io_uring_setup_buf_ring. NULL when the kernel refuses. */
static inline struct io_uring_buf_ring *cring_buffers(struct io_uring *ring, unsigned entries,
                                                      int group) {
  struct io_uring_buf_reg reg = {0};
  size_t bytes = entries * sizeof(struct io_uring_buf);
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  reg.ring_addr = (unsigned long)memory;
  reg.ring_entries = entries;
  reg.bgid = (unsigned short)group;
  if (io_uring_register_buf_ring(ring, &reg, 0)) {
    munmap(memory, bytes);
    return NULL;
  }
  io_uring_buf_ring_init((struct io_uring_buf_ring *)memory);
  return (struct io_uring_buf_ring *)memory;
}

static inline void cring_buffer_give(struct io_uring_buf_ring *br, void *address, unsigned length,
                                     unsigned short id, int mask, int place) {
  io_uring_buf_ring_add(br, address, length, id, mask, place);
}

static inline void cring_buffers_publish(struct io_uring_buf_ring *br, int count) {
  io_uring_buf_ring_advance(br, count);
}

/* A free submission entry; submits what is queued when the queue is full. */
static inline struct io_uring_sqe *cring_entry(struct io_uring *ring) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
  while (!sqe) {
    io_uring_submit(ring);
    sqe = io_uring_get_sqe(ring);
  }
  return sqe;
}

static inline void cring_accept(struct io_uring *ring, int fd, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_multishot_accept(sqe, fd, NULL, NULL, SOCK_CLOEXEC);
  sqe->user_data = data;
}

/* Receives until cancelled. `length`, that of a buffer, bounds what one socket brings before others
 * have their turn (Linux 6.17; older kernels take it as the length of one receive). */
static inline void cring_receive(struct io_uring *ring, int fd, int group, unsigned length,
                                 uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_recv_multishot(sqe, fd, NULL, length, 0);
  sqe->buf_group = (unsigned short)group;
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->user_data = data;
}

/* Receives once. */
static inline void cring_receive_once(struct io_uring *ring, int fd, int group, unsigned length,
                                      uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_recv(sqe, fd, NULL, length, 0);
  sqe->buf_group = (unsigned short)group;
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->user_data = data;
}

/* `flags`: MSG_WAITALL, to wait for the peer until all is sent, or MSG_DONTWAIT, to complete while
 * it is submitted; and MSG_MORE, when the end of the stream follows at once. */
static inline void cring_send(struct io_uring *ring, int fd, const void *bytes, size_t length,
                              int flags, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_send(sqe, fd, bytes, length, MSG_NOSIGNAL | flags);
  sqe->user_data = data;
}

/* Where a send of several pieces is described; it stays in place until it is submitted. */
#define CRING_PIECES 8
struct cring_message {
  struct msghdr header;
  struct iovec pieces[CRING_PIECES];
};

static inline void cring_piece(struct cring_message *message, unsigned place, const void *bytes,
                               size_t length) {
  message->pieces[place].iov_base = (void *)bytes;
  message->pieces[place].iov_len = length;
}

static inline void cring_send_pieces(struct io_uring *ring, int fd, struct cring_message *message,
                                     unsigned count, int flags, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  message->header = (struct msghdr){.msg_iov = message->pieces, .msg_iovlen = count};
  io_uring_prep_sendmsg(sqe, fd, &message->header, MSG_NOSIGNAL | flags);
  sqe->user_data = data;
}

/* Submits what is queued; whether the kernel has taken all of it. */
static inline int cring_submit(struct io_uring *ring) {
  io_uring_submit(ring);
  return io_uring_sq_ready(ring) == 0;
}

static inline int cring_all_submitted(const struct io_uring *ring) {
  return io_uring_sq_ready(ring) == 0;
}

static inline void cring_connect(struct io_uring *ring, int fd, const void *address,
                                 unsigned length, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_connect(sqe, fd, (const struct sockaddr *)address, length);
  sqe->user_data = data;
}

/* Cancels the operation with user data `target`. */
static inline void cring_cancel_operation(struct io_uring *ring, uint64_t target, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_cancel64(sqe, target, 0);
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  sqe->user_data = data;
}

static inline void cring_timeout(struct io_uring *ring, struct __kernel_timespec *span,
                                 uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_timeout(sqe, span, 0, 0);
  sqe->user_data = data;
}

static inline void cring_watch(struct io_uring *ring, int fd, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_poll_multishot(sqe, fd, POLLIN);
  sqe->user_data = data;
}

/* Submits and waits for `least` completions, or at most `nanoseconds` when that is not 0.
 * Interrupted and timed-out waits are no errors. */
static inline int cring_wait(struct io_uring *ring, unsigned least, uint64_t nanoseconds) {
  int status;
  if (nanoseconds) {
    struct __kernel_timespec span = {(long long)(nanoseconds / 1000000000ull),
                                     (long long)(nanoseconds % 1000000000ull)};
    struct io_uring_cqe *first = NULL;
    status = io_uring_submit_and_wait_timeout(ring, &first, least, &span, NULL);
  } else {
    status = io_uring_submit_and_wait(ring, least);
  }
  return status == -EINTR || status == -ETIME || status == -EAGAIN || status == -EBUSY ? 0
                                                                                        : status;
}

/* Whether an armed receive delivers more than once into provided buffers (Linux 6.0): a trial on
 * a pair of sockets, over a ring with nothing under way and no buffer given. */
static inline int cring_receives_often(struct io_uring *ring, struct io_uring_buf_ring *br) {
  char byte = 0;
  int pair[2], delivered = 0, more = 1;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
    return 0;
  cring_buffer_give(br, &byte, 1, 0, 0, 0);
  cring_buffers_publish(br, 1);
  cring_receive(ring, pair[0], 0, 1, 1);
  if (write(pair[1], &byte, 1) != 1)
    cring_cancel_operation(ring, 1, 2);
  while (more) {
    struct __kernel_timespec second = {1, 0};
    struct io_uring_cqe *cqe = NULL;
    if (io_uring_submit_and_wait_timeout(ring, &cqe, 1, &second, NULL) < 0 || !cqe)
      break;
    more = cqe->user_data == 1 && (cqe->flags & IORING_CQE_F_MORE);
    delivered |= more && cqe->res == 1 && (cqe->flags & IORING_CQE_F_BUFFER);
    io_uring_cqe_seen(ring, cqe);
    if (more)
      cring_cancel_operation(ring, 1, 2);
  }
  close(pair[0]);
  close(pair[1]);
  return delivered && !more;
}

static inline unsigned cring_ready(const struct io_uring *ring) { return io_uring_cq_ready(ring); }

/* The completion `place` after the head; the caller has checked cring_ready. */
static inline const struct io_uring_cqe *cring_completion(const struct io_uring *ring,
                                                          unsigned place) {
  return &ring->cq.cqes[(*ring->cq.khead + place) & *ring->cq.kring_mask];
}

static inline void cring_advance(struct io_uring *ring, unsigned count) {
  io_uring_cq_advance(ring, count);
}

#endif
