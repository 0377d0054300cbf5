#define _GNU_SOURCE
#include "Signals.h"
#include "CLinux.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

enum { names_max = 1024, name_bytes = 64, stack_bytes = 64 * 1024 };

static char names[names_max][name_bytes];
static char stack[stack_bytes];
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

/* Where a crash is recorded besides the log; -1: nowhere. */
static int record = -1;

static void put(int fd, const char *text) {
  ssize_t written = write(fd, text, strlen(text));
  (void)written;
}

static void put_number(int fd, unsigned long long number) {
  char text[24];
  size_t at = sizeof text;
  text[--at] = 0;
  do text[--at] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  put(fd, text + at);
}

static const char *word(int signal) {
  switch (signal) {
  case SIGSEGV: return "SIGSEGV";
  case SIGBUS: return "SIGBUS";
  case SIGILL: return "SIGILL";
  case SIGFPE: return "SIGFPE";
  case SIGABRT: return "SIGABRT";
  default: return "SIGTRAP";
  }
}

/* The last line of the log says whose code was running, and so does a line of the record: seconds,
 * signal, plugin or "-", operation or "-". Then the default action takes over. */
static void crashed(int number) {
  int plugin = clinux_plugin;
  const char *step = clinux_step;
  int is_known = plugin >= 0 && plugin < names_max && names[plugin][0];
  put(STDERR_FILENO, "sluice: ended by ");
  put(STDERR_FILENO, word(number));
  put(STDERR_FILENO, is_known ? " in code of plugin " : " in code of the host");
  if (is_known) put(STDERR_FILENO, names[plugin]);
  if (is_known && step) {
    put(STDERR_FILENO, ", in ");
    put(STDERR_FILENO, step);
  }
  put(STDERR_FILENO, "\n");
  if (record >= 0) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    put_number(record, (unsigned long long)now.tv_sec);
    put(record, " ");
    put(record, word(number));
    put(record, " ");
    put(record, is_known ? names[plugin] : "-");
    put(record, " ");
    put(record, is_known && step ? step : "-");
    put(record, "\n");
  }
  signal(number, SIG_DFL);
  raise(number);
}

void clinux_crash_record(int fd) { record = fd; }

void clinux_crash_install(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0};
  sigaltstack(&alternate, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = crashed;
  action.sa_flags = SA_ONSTACK | SA_NODEFER | SA_RESETHAND;
  for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
    sigaction(crashes[i], &action, NULL);
}

int clinux_signals_open(void) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGTERM);
  sigaddset(&mask, SIGINT);
  sigaddset(&mask, SIGHUP);
  if (pthread_sigmask(SIG_BLOCK, &mask, NULL) != 0) return -1;
  return signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

int clinux_signals_next(int fd) {
  struct signalfd_siginfo info;
  ssize_t count = read(fd, &info, sizeof info);
  return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void clinux_crash_name(int index, const char *name) {
  if (index < 0 || index >= names_max) return;
  strncpy(names[index], name, name_bytes - 1);
  names[index][name_bytes - 1] = 0;
}

int clinux_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

/* Since Linux 6.3, without inheritance since 6.6; the headers of older systems lack both. */
enum { set_mdwe = 65, refuse_exec_gain = 1, no_inherit = 2 };

int clinux_refuse_writable_code(void) {
  return prctl(set_mdwe, refuse_exec_gain | no_inherit, 0L, 0L, 0L) == 0 ? 0 : -errno;
}
