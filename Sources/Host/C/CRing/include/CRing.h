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

#define CRING_CQE_BUFFER 1u
#define CRING_CQE_MORE 2u

/* Sets the ring up with the wanted flags; 0 or -errno. */
static inline int cring_setup(struct io_uring *ring, unsigned entries, unsigned flags) {
  struct io_uring_params p = {0};
  p.flags = flags | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  p.cq_entries = entries * 4;
  return io_uring_queue_init_params(entries, ring, &p);
}

/* Whether this kernel knows every operation the worker uses. */
static inline int cring_knows_operations(struct io_uring *ring) {
  static const int wanted[] = {IORING_OP_ACCEPT,  IORING_OP_RECV,         IORING_OP_SEND,
                               IORING_OP_CONNECT, IORING_OP_CLOSE,        IORING_OP_TIMEOUT,
                               IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL, IORING_OP_SHUTDOWN};
  struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
  int known = probe != NULL;
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

static inline void cring_receive(struct io_uring *ring, int fd, int group, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
  sqe->buf_group = (unsigned short)group;
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->user_data = data;
}

static inline void cring_send(struct io_uring *ring, int fd, const void *bytes, size_t length,
                              uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_send(sqe, fd, bytes, length, MSG_NOSIGNAL | MSG_WAITALL);
  sqe->user_data = data;
}

static inline void cring_connect(struct io_uring *ring, int fd, const void *address,
                                 unsigned length, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_connect(sqe, fd, (const struct sockaddr *)address, length);
  sqe->user_data = data;
}

/* Success is silent: the caller has nothing left to do with the descriptor. */
static inline void cring_close(struct io_uring *ring, int fd, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_close(sqe, fd);
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  sqe->user_data = data;
}

static inline void cring_shutdown(struct io_uring *ring, int fd, int how, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_shutdown(sqe, fd, how);
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  sqe->user_data = data;
}

/* Cancels every operation on fd; each of them completes with -ECANCELED or its result. */
static inline void cring_cancel(struct io_uring *ring, int fd, uint64_t data) {
  struct io_uring_sqe *sqe = cring_entry(ring);
  io_uring_prep_cancel_fd(sqe, fd, IORING_ASYNC_CANCEL_ALL);
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
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
