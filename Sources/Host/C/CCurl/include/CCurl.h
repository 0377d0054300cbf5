#ifndef CCURL_H
#define CCURL_H

/* What Swift cannot do of libcurl and of its event loop: the option functions are variadic, and
 * the flags of epoll(7) and socket(2) are enumerations of glibc. */

#include <stddef.h>
#include <stdint.h>
/* Before curl.h, so that fd_set is the one that Swift knows. */
#include <sys/select.h>
#include <sys/socket.h>

#include <curl/curl.h>

/* Options of one transfer. */

static inline CURLcode ccurl_set_number(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_length(CURL *easy, CURLoption option, int64_t value) {
  return curl_easy_setopt(easy, option, (curl_off_t)value);
}
static inline CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *text) {
  return curl_easy_setopt(easy, option, text);
}
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *list) {
  return curl_easy_setopt(easy, option, list);
}
static inline CURLcode ccurl_set_context(CURL *easy, CURLoption option, void *context) {
  return curl_easy_setopt(easy, option, context);
}
/* libcurl copies the bytes. */
static inline CURLcode ccurl_set_bytes(CURL *easy, CURLoption option, const void *bytes,
                                       size_t length) {
  struct curl_blob blob = {(void *)bytes, length, CURL_BLOB_COPY};
  return curl_easy_setopt(easy, option, &blob);
}

/* The functions that libcurl calls; each is given the context of its own option. */

static inline void ccurl_set_response(CURL *easy, curl_write_callback header,
                                      curl_write_callback body, void *context) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}
static inline void ccurl_set_request(CURL *easy, curl_read_callback body,
                                     curl_seek_callback seek, void *context) {
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, body);
  curl_easy_setopt(easy, CURLOPT_READDATA, context);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
}
static inline void ccurl_set_connection(CURL *easy, curl_opensocket_callback open,
                                        curl_prereq_callback ready, void *context) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, ready);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}
/* Has its own context: a connection outlives the transfer that opened it. */
static inline void ccurl_set_close(CURL *easy, curl_closesocket_callback close, void *context) {
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, context);
}

/* Facts of one transfer; 0 or NULL when there is none. */

static inline int64_t ccurl_length(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) ? 0 : (int64_t)value;
}
static inline int64_t ccurl_number(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) ? 0 : value;
}
static inline void *ccurl_private(CURL *easy) {
  char *value = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
  return value;
}

/* Options of a set of transfers. */

static inline void ccurl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
  curl_multi_setopt(multi, option, value);
}
static inline void ccurl_multi_set_events(CURLM *multi, curl_socket_callback socket,
                                          curl_multi_timer_callback timer, void *context) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

/* The transfer that has ended, with its result; NULL when there is none. A union hides the result
 * from Swift. */
static inline CURL *ccurl_next_done(CURLM *multi, CURLcode *result) {
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
    if (message->msg != CURLMSG_DONE) continue;
    *result = message->data.result;
    return message->easy_handle;
  }
  return NULL;
}

static inline int ccurl_is_asynchronous(void) {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) != 0;
}
static inline CURLcode ccurl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/* A socket for the address that libcurl wants to connect to. */
static inline int ccurl_socket(const struct curl_sockaddr *address) {
  return socket(address->family, address->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                address->protocol);
}

/* epoll(7), level-triggered as libcurl needs it. */

#define CCURL_READY_MAX 128

struct ccurl_ready {
  int fd;
  /* CURL_CSELECT_... */
  int bits;
};

int ccurl_epoll_open(void);
/* `bits`: CURL_POLL_IN, _OUT or _INOUT; `known`: fd is watched already. */
int ccurl_epoll_set(int epoll, int fd, int bits, int known);
void ccurl_epoll_remove(int epoll, int fd);
/* Waits for at most CCURL_READY_MAX descriptors; how many. An interrupted wait is 0. */
int ccurl_epoll_wait(int epoll, struct ccurl_ready *ready, int milliseconds);

#endif
