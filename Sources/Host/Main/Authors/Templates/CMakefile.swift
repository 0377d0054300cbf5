// Alone because: `make templates` writes it.

extension TemplateFile {
    /// `Plugins/Examples/c/Makefile`.
    // swift-format-ignore
    static let cMakefile = TemplateFile(
        path: "Makefile",
        text: ##"""
        # Needs the header of an installed Sluice: pkg-config must find sluice.pc.\##nCFLAGS\##
         ?= -O2\##n\##nlibgreeter.so: greeter.c\##n\##t$(CC) -std=c11 -Wall -Wextra $(CFLAGS\##
        ) $$(pkg-config --cflags sluice) -fPIC -shared \\##n\##t  -fvisibility=hidden -Wl,-z\##
        ,defs,-z,now -o $@ greeter.c\##n\##n.PHONY: test clean\##ntest: libgreeter.so\##n\##
        \##tsluice plugin inspect ./libgreeter.so\##n\##nclean:\##n\##trm -f libgreeter.so\##
        \##n
        """##
    )
}
