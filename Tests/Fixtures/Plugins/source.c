/* A source that calls the routing table as a script says, on its lane, and writes down each answer.
 * Tests reach source_* by dlsym; the host never looks at them.
 *
 * A script has one call a line, with tabs between its words:
 *   begin FLAGS REVISION     put KIND NAME WHERE JSON [POINTER WHERE SOURCE]...
 *   keep KIND NAME           remove KIND NAME          note KEY KIND NAME TEXT
 *   unnote KEY               commit                    mute (a commit without issue())
 *   abandon */
#define PROBE_ID "test.source"
#include "probe.h"

#include <pthread.h>
#include <semaphore.h>

#define SOURCE_EXPORT __attribute__((visibility("default")))
#define WORDS_MAX 64

static const sluice_routing_api *routing;
static const sluice_exec_api *exec;
static sluice_txn *txn;
static int commits;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *lines;
static size_t length;

static void say(const char *text) {
  size_t more = strlen(text) + 1;
  pthread_mutex_lock(&lock);
  lines = realloc(lines, length + more + 1);
  memcpy(lines + length, text, more - 1);
  lines[length + more - 1] = '\n';
  lines[length + more] = 0;
  length += more;
  pthread_mutex_unlock(&lock);
}

/* [any] A copy of all that was written down; the caller frees it. */
SOURCE_EXPORT char *source_log(void) {
  char *copy;
  pthread_mutex_lock(&lock);
  copy = strdup(lines ? lines : "");
  pthread_mutex_unlock(&lock);
  return copy;
}

static void issue(void *ctx, const sluice_issue *i) {
  char line[4096];
  (void)ctx;
  snprintf(line, sizeof line, "issue %d %.*s %.*s %.*s [%.*s] [%.*s] [%.*s] %.*s", i->severity,
           (int)i->kind.len, i->kind.data, (int)i->name.len, i->name.data, (int)i->code.len,
           i->code.data, (int)i->pointer.len, i->pointer.data, (int)i->where.len, i->where.data,
           (int)i->source.len, i->source.data, (int)i->text.len, i->text.data);
  say(exec->here(exec) == SLUICE_ON_LANE ? line : "issue off the lane");
}

static void committed(void *ctx, sluice_status status, uint64_t generation) {
  char line[128];
  snprintf(line, sizeof line, "committed %d %d %llu", *(int *)ctx, status,
           (unsigned long long)generation);
  free(ctx);
  say(exec->here(exec) == SLUICE_ON_LANE ? line : "committed off the lane");
}

static sluice_status commit(int is_mute) {
  int *number = malloc(sizeof *number);
  sluice_status status;
  *number = commits + 1;
  status = routing->commit(routing, txn, is_mute ? NULL : issue, committed, number);
  if (status < 0)
    free(number);
  else
    commits++;
  return status;
}

static sluice_status put(char **words, int count, sluice_error *err) {
  sluice_origin origins[WORDS_MAX] = {{0}};
  sluice_document document = {.size = sizeof document};
  uint32_t n = 0;
  document.kind = sluice_text(words[1]);
  document.name = sluice_text(words[2]);
  document.where = sluice_text(words[3]);
  document.json = sluice_text(words[4]);
  for (int at = 5; at + 2 < count; at += 3, n++) {
    origins[n].size = sizeof origins[n];
    origins[n].pointer = sluice_text(words[at]);
    origins[n].where = sluice_text(words[at + 1]);
    origins[n].source = sluice_text(words[at + 2]);
  }
  document.origins = sluice_items(origins, n, sizeof origins[0]);
  return routing->put(routing, txn, &document, err);
}

static sluice_status note(char **words, sluice_error *err) {
  sluice_issue i = {.size = sizeof i, .severity = SLUICE_ISSUE_OBJECT};
  i.kind = sluice_text(words[2]);
  i.name = sluice_text(words[3]);
  i.code = sluice_text("noted");
  i.where = sluice_text("notes.yaml:1");
  i.source = sluice_text("/spec");
  i.text = sluice_text(words[4]);
  return routing->note(routing, txn, sluice_text(words[1]), &i, err);
}

static sluice_status call(char **words, int count, sluice_error *err) {
  const char *verb = words[0];
  if (strcmp(verb, "begin") == 0)
    return routing->begin(routing, sluice_text(words[2]), (uint32_t)atoi(words[1]), &txn, err);
  if (strcmp(verb, "put") == 0)
    return put(words, count, err);
  if (strcmp(verb, "keep") == 0)
    return routing->keep(routing, txn, sluice_text(words[1]), sluice_text(words[2]));
  if (strcmp(verb, "remove") == 0)
    return routing->remove(routing, txn, sluice_text(words[1]), sluice_text(words[2]));
  if (strcmp(verb, "note") == 0)
    return note(words, err);
  if (strcmp(verb, "unnote") == 0)
    return routing->unnote(routing, txn, sluice_text(words[1]));
  if (strcmp(verb, "abandon") == 0) {
    routing->abandon(routing, txn);
    return SLUICE_OK;
  }
  return commit(strcmp(verb, "mute") == 0);
}

static void run_line(char *line) {
  char *words[WORDS_MAX] = {0}, *word;
  char answer[1024];
  int count = 0;
  sluice_error err = {.size = sizeof err};
  while (count < WORDS_MAX && (word = strsep(&line, "\t")) != NULL)
    words[count++] = word;
  sluice_status status = call(words, count, &err);
  snprintf(answer, sizeof answer, "%s %d%s%.*s", words[0], status, err.text_len ? " " : "",
           (int)err.text_len, err.text);
  say(answer);
}

typedef struct job {
  char *script;
  sem_t done;
} job;

static void run_script(void *ctx, sluice_status why) {
  job *j = ctx;
  char *rest = j->script, *line;
  while (why == SLUICE_OK && (line = strsep(&rest, "\n")) != NULL)
    if (*line)
      run_line(line);
  sem_post(&j->done);
}

/* [any] Runs a script on the lane and waits for its end. */
SOURCE_EXPORT int32_t source_run(const char *script) {
  job j = {.script = strdup(script)};
  sem_init(&j.done, 0, 0);
  sluice_status status = exec->post(exec, run_script, &j);
  if (status == SLUICE_OK)
    while (sem_wait(&j.done) != 0) {
    }
  free(j.script);
  return status;
}

/* [any] Runs a script on the calling thread. */
SOURCE_EXPORT void source_here(const char *script) {
  char *copy = strdup(script);
  job j = {.script = copy};
  sem_init(&j.done, 0, 0);
  run_script(&j, SLUICE_OK);
  free(copy);
}

static sluice_status create(const sluice_host *host, const sluice_instance *instance, void **self,
                            sluice_error *err) {
  (void)instance, (void)err;
  routing = host->find(host, SLUICE_IF_ROUTING);
  exec = host->find(host, SLUICE_IF_EXEC);
  *self = &commits;
  return SLUICE_OK;
}
static const void *role(void *self, const char *id) {
  static const sluice_source_ops source = {.size = sizeof source};
  (void)self;
  return strcmp(id, SLUICE_ROLE_SOURCE) == 0 ? &source : NULL;
}
static void destroy(void *self) {
  (void)self;
  say("destroyed");
}

__attribute__((visibility("default"))) const sluice_plugin_desc *
sluice_plugin_entry(const sluice_hello *hello, sluice_error *err) {
  static const sluice_plugin_ops ops = {.size = sizeof ops, .create = create, .role = role,
                                        .destroy = destroy};
  (void)hello, (void)err;
  return probe_describe(&ops);
}
