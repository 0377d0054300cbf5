/* A description with one thing wrong, or none: the fixtures set what differs. */
#ifndef PROBE_H
#define PROBE_H

#include <sluice.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef PROBE_ID
#define PROBE_ID "test.probe"
#endif
#ifndef PROBE_FLAGS
#define PROBE_FLAGS 0
#endif
/* A statement that spoils the stamp or the description. */
#ifndef PROBE_SPOIL
#define PROBE_SPOIL
#endif

static const sluice_plugin_desc *probe_describe(const sluice_plugin_ops *ops) {
  static sluice_plugin_desc desc;
  static sluice_span needs[1];
  (void)needs;
  desc.size = sizeof desc;
  desc.flags = PROBE_FLAGS;
  desc.stamp = sluice_stamp_make();
  desc.id = sluice_text(PROBE_ID);
  desc.version = sluice_text("1.2.3");
  desc.summary = sluice_text("A plugin for tests.");
  desc.ops = ops;
  PROBE_SPOIL;
  return &desc;
}

#endif
