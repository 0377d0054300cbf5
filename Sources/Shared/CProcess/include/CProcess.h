#ifndef CPROCESS_H
#define CPROCESS_H

/* What Glibc's Swift module does not show of starting a program and hearing of its end: GNU-only
 * prototypes, macros over unions, enumerators. Static inlines only; each answers a result or
 * -errno. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Swift sees glibc without _GNU_SOURCE, so the GNU-only prototypes are declared here. */
extern int pidfd_open(pid_t pid, unsigned flags);
extern int pipe2(int fds[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions,
                                                const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* A new session and process group, no blocked signal, and every signal at its default. */
static inline int cprocess_attributes(posix_spawnattr_t *attributes) {
  const short new_session = 0x80; /* POSIX_SPAWN_SETSID, GNU-only */
  sigset_t none, all;
  int error;
  sigemptyset(&none);
  sigfillset(&all);
  error = posix_spawnattr_setsigmask(attributes, &none);
  if (!error) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (!error)
    error = posix_spawnattr_setflags(
        attributes, (short)(new_session | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  return -error;
}

/* Takes the end of a child from the kernel. 1: it exited with *status; 2: signal *status ended
 * it; 0: it still runs. */
static inline int cprocess_reap(int pidfd, int *status) {
  const idtype_t by_pidfd = (idtype_t)3; /* P_PIDFD, GNU-only */
  siginfo_t info;
  info.si_pid = 0;
  while (waitid(by_pidfd, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0)
    if (errno != EINTR) return -errno;
  if (info.si_pid == 0) return 0;
  *status = info.si_status;
  return info.si_code == CLD_EXITED ? 1 : 2;
}

/* write(2) without SIGPIPE, whose handling is the host's: the signal is blocked in this thread
 * meanwhile, and taken back if this call raised it. */
static inline ssize_t cprocess_write(int fd, const void *bytes, size_t length) {
  const struct timespec at_once = {0, 0};
  sigset_t broken_pipe, before, pending;
  ssize_t written;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  sigpending(&pending);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  written = write(fd, bytes, length);
  if (written < 0) written = -errno;
  if (written == -EPIPE && !sigismember(&pending, SIGPIPE))
    while (sigtimedwait(&broken_pipe, NULL, &at_once) < 0 && errno == EINTR) continue;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return written;
}

static inline int cprocess_timer_open(void) {
  return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

/* Fires once, that many nanoseconds from now; 0 stops it. Any thread. */
static inline void cprocess_timer_set(int fd, uint64_t nanoseconds) {
  struct itimerspec when = {{0, 0}, {0, 0}};
  when.it_value.tv_sec = (time_t)(nanoseconds / 1000000000u);
  when.it_value.tv_nsec = (long)(nanoseconds % 1000000000u);
  timerfd_settime(fd, 0, &when, NULL);
}

static inline int cprocess_poll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* Takes fd in, or arms it: it is reported once when it has one of the POLL* bits, an error or its
 * end. */
static inline int cprocess_poll_set(int poll, int fd, uint32_t events, int is_new) {
  struct epoll_event event = {.events = events | EPOLLONESHOT, .data = {.fd = fd}};
  return epoll_ctl(poll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

/* Which of at most `count` descriptors are ready now; does not wait. */
static inline int cprocess_poll_ready(int poll, int *fds, int count) {
  struct epoll_event events[8];
  int ready = epoll_wait(poll, events, count < 8 ? count : 8, 0);
  for (int place = 0; place < ready; place++) fds[place] = events[place].data.fd;
  return ready;
}

#endif
