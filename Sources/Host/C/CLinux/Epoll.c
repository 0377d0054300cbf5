#define _GNU_SOURCE
#include "CLinux.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>

enum { events_max = 256 };

static int outcome(long result) { return result < 0 ? -errno : (int)result; }

int clinux_epoll_open(void) { return outcome(epoll_create1(EPOLL_CLOEXEC)); }

int clinux_epoll_add(int epoll, int fd, int writable) {
  struct epoll_event event = {0};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | (writable ? EPOLLOUT : 0u);
  event.data.fd = fd;
  return outcome(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

void clinux_epoll_remove(int epoll, int fd) { epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

static uint32_t meaning(uint32_t events) {
  uint32_t what = 0;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) what |= CLINUX_READABLE;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) what |= CLINUX_WRITABLE;
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) what |= CLINUX_ENDED;
  return what;
}

int clinux_epoll_wait(int epoll, struct clinux_ready *ready, int count, int milliseconds) {
  struct epoll_event events[events_max];
  int found = epoll_wait(epoll, events, count < events_max ? count : events_max, milliseconds);
  if (found < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < found; i++) {
    ready[i].fd = events[i].data.fd;
    ready[i].what = meaning(events[i].events);
  }
  return found;
}

int clinux_watch_add(int epoll, int fd, uint32_t events, uint64_t number) {
  struct epoll_event event = {0};
  event.events = events & (EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP);
  event.data.u64 = number;
  return outcome(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

int clinux_watch_wait(int epoll, struct clinux_event *ready, int count, int milliseconds) {
  struct epoll_event events[events_max];
  int found = epoll_wait(epoll, events, count < events_max ? count : events_max, milliseconds);
  if (found < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < found; i++) {
    ready[i].number = events[i].data.u64;
    ready[i].events = events[i].events;
  }
  return found;
}

int clinux_socket_accept(int fd) {
  for (;;) {
    int connection = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) return connection;
    if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) return -errno;
  }
}

int clinux_socket_receive(int fd, void *bytes, size_t length) {
  return outcome(recv(fd, bytes, length, MSG_DONTWAIT));
}

int clinux_socket_send(int fd, const void *bytes, size_t length, int more) {
  return outcome(send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL | more));
}

int clinux_socket_send_pieces(int fd, const struct clinux_piece *pieces, int count, int more) {
  struct msghdr message = {0};
  message.msg_iov = (struct iovec *)pieces;
  message.msg_iovlen = (size_t)count;
  return outcome(sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL | more));
}

int clinux_socket_connect(int fd, const void *address, unsigned length) {
  return outcome(connect(fd, (const struct sockaddr *)address, length));
}

int clinux_socket_connected(int fd) {
  int failure = 0;
  socklen_t length = sizeof failure;
  int status = getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length);
  return status < 0 ? -errno : -failure;
}

int clinux_socket_is_quiet(int fd) {
  char byte;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

int clinux_socket_finish(int fd) { return outcome(shutdown(fd, SHUT_WR)); }

void clinux_socket_close(int fd, int resets) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  if (resets) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

/* glibc's struct tcp_info ends before this member: tcpi_bytes_acked of <linux/tcp.h>. */
enum { bytes_acked_offset = 120 };

uint64_t clinux_socket_acknowledged(int fd) {
  unsigned char info[bytes_acked_offset + sizeof(uint64_t)];
  uint64_t bytes = 0;
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) || length < sizeof info) return 0;
  memcpy(&bytes, info + bytes_acked_offset, sizeof bytes);
  return bytes;
}
