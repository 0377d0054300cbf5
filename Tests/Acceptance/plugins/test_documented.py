"""What docs/plugins.md tells an author to type works as it stands."""

import os
import re

from harness import installed
from harness.host import ROOT
from harness.waiting import free_port
from harness.wire import request


def snippets(heading, language):
    """The fenced blocks of one language under a heading of docs/plugins.md."""
    text = (ROOT / "docs" / "plugins.md").read_text()
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", section, flags=re.M | re.S)


def test_the_service_in_c_is_built_loaded_and_answers(hosts):
    host, port = hosts(), free_port()
    (host.folder / "hello.c").write_text(snippets("In C", "c")[0])
    printed = installed.run(
        ["sh", "-euc", snippets("In C", "sh")[0]], host.folder, dict(os.environ, SLUICE=str(ROOT)))
    assert [line.split()[-1] for line in printed.splitlines()] == ["sluice_plugin_entry"]
    configuration = snippets("Loading it", "yaml")[0]
    assert configuration.count("127.0.0.1:8081") == 1
    host.config.write_text(
        configuration.replace("127.0.0.1:8081", f"127.0.0.1:{port}")
        + f'admin: {{address: "127.0.0.1:{host.admin_port}"}}\n'
        + "limits: {drainNotice: 0s}\n")
    host.start().wait_ready()
    assert request(port, path="/hello").body == b"hello\n"
    host.stop()

