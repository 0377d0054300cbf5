#ifndef CLINUX_EPOLL_H
#define CLINUX_EPOLL_H

/* Readiness and the socket calls that answer it: each returns a result or -errno, as io_uring's
 * completions do, so that Swift never looks at errno between two calls. */

#include <stddef.h>
#include <stdint.h>

/* What a descriptor is ready for. */
#define CLINUX_READABLE 1u
#define CLINUX_WRITABLE 2u
/* The peer has ended its stream, or the connection broke: reading goes on to the end. */
#define CLINUX_ENDED 4u

struct clinux_ready {
  int fd;
  uint32_t what;
};

/* A run of bytes, laid out as struct iovec. */
struct clinux_piece {
  const void *start;
  size_t length;
};

int clinux_epoll_open(void);

/* Registers fd edge-triggered, for its whole life: readable, and writable unless it is 0. */
int clinux_epoll_add(int epoll, int fd, int writable);

/* Forgets fd. Closing does that alone only while no other descriptor shares the open file. */
void clinux_epoll_remove(int epoll, int fd);

/* Waits at most `milliseconds` (-1: for ever) for at most `count` descriptors, which `ready`
 * holds; how many. An interrupted wait is 0. */
int clinux_epoll_wait(int epoll, struct clinux_ready *ready, int count, int milliseconds);

/* A descriptor that is ready, under the number that it was watched by. */
struct clinux_event {
  uint64_t number;
  uint32_t events;
};

/* Watches fd under `number`, level-triggered, for the POLL* bits in `events`; 0 or -errno (EEXIST:
 * it is watched already, EPERM: it is no descriptor that can be waited for). */
int clinux_watch_add(int epoll, int fd, uint32_t events, uint64_t number);

/* As clinux_epoll_wait, for descriptors of clinux_watch_add. */
int clinux_watch_wait(int epoll, struct clinux_event *ready, int count, int milliseconds);

/* The next connection, non-blocking and close-on-exec. Connections that died while they waited
 * are passed over. */
int clinux_socket_accept(int fd);

int clinux_socket_receive(int fd, void *bytes, size_t length);
/* `more`: MSG_MORE or 0. */
int clinux_socket_send(int fd, const void *bytes, size_t length, int more);
int clinux_socket_send_pieces(int fd, const struct clinux_piece *pieces, int count, int more);
int clinux_socket_connect(int fd, const void *address, unsigned length);

/* How a connect that was under way ended: 0 or -errno. */
int clinux_socket_connected(int fd);

/* Whether the connection goes on and nothing of the peer waits to be received: no bytes, no end, no
 * error. Takes nothing that waits, but for an error. */
int clinux_socket_is_quiet(int fd);

/* Ends the sending half. */
int clinux_socket_finish(int fd);

/* Closes fd; with `resets` not 0 the peer gets a reset, and unsent bytes are dropped. */
void clinux_socket_close(int fd, int resets);

/* The bytes that the peer's kernel has acknowledged; 0 when fd is no TCP connection. */
uint64_t clinux_socket_acknowledged(int fd);

#endif
