#include "CCurl.h"

#include <sys/epoll.h>

int ccurl_epoll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int ccurl_epoll_set(int epoll, int fd, int bits, int known) {
  struct epoll_event event = {.data.fd = fd};
  if (bits & CURL_POLL_IN) event.events |= EPOLLIN;
  if (bits & CURL_POLL_OUT) event.events |= EPOLLOUT;
  return epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

void ccurl_epoll_remove(int epoll, int fd) {
  struct epoll_event event = {0};
  epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
}

int ccurl_epoll_wait(int epoll, struct ccurl_ready *ready, int milliseconds) {
  struct epoll_event events[CCURL_READY_MAX];
  int count = epoll_wait(epoll, events, CCURL_READY_MAX, milliseconds);
  for (int place = 0; place < count; place++) {
    uint32_t what = events[place].events;
    ready[place].fd = events[place].data.fd;
    ready[place].bits = (what & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0) |
                        (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                        (what & EPOLLERR ? CURL_CSELECT_ERR : 0);
  }
  return count < 0 ? 0 : count;
}
