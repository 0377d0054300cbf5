#ifndef CLINUX_SIGNALS_H
#define CLINUX_SIGNALS_H

#include <signal.h>
#include <string.h>

/* Signals: a handler must be C that touches nothing but its own memory, and signalfd's structure
 * and flags are hidden from Swift. */

/* Makes a crash say whose code was running, on a stack of its own for the first thread. */
void clinux_crash_install(void);

/* Where each crash is recorded, as one line; -1: nowhere. */
void clinux_crash_record(int fd);

/* From now on the process gets no memory that is writable and executable, nor executable memory
 * that was writable (PR_SET_MDWE); its children are free to. 0, or -errno: the kernel is older
 * than Linux 6.6. */
int clinux_refuse_writable_code(void);

/* Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it starts, ignores SIGPIPE and
 * returns a signalfd; -1 and errno when there is none. */
int clinux_signals_open(void);

/* The number of the next signal that waits, or 0. */
int clinux_signals_next(int fd);

/* The name that the crash handler gives for clinux_plugin == index; ignored out of range. */
void clinux_crash_name(int index, const char *name);

/* Whether two actions handle a signal alike. Only the first word of a mask is the kernel's, and
 * glibc leaves the rest of the structure as it was. */
static inline int clinux_same_action(const struct sigaction *a, const struct sigaction *b) {
  return a->sa_handler == b->sa_handler && a->sa_flags == b->sa_flags &&
         memcmp(&a->sa_mask, &b->sa_mask, 8) == 0;
}

/* accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC, whose flags are an enum in glibc. */
int clinux_accept(int fd);

#endif
