#define _GNU_SOURCE
#include "Signals.h"
#include "CLinux.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

enum { names_max = 1024, name_bytes = 64, stack_bytes = 64 * 1024 };

static char names[names_max][name_bytes];
static char stack[stack_bytes];
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

static void put(const char *text) {
  size_t length = strlen(text);
  ssize_t written = write(STDERR_FILENO, text, length);
  (void)written;
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

/* The last line of the log says whose code was running; then the default action takes over. */
static void crashed(int number) {
  int plugin = clinux_plugin;
  put("sluice: ended by ");
  put(word(number));
  if (plugin >= 0 && plugin < names_max && names[plugin][0]) {
    put(" in code of plugin ");
    put(names[plugin]);
  } else {
    put(" in code of the host");
  }
  put("\n");
  signal(number, SIG_DFL);
  raise(number);
}

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
