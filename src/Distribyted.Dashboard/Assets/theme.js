// Before the first paint: the colours that the user chose, else those of the system. The server reads the cookie for the next page.
(() => {
    const name = "distribyted-theme";
    const read = () => (document.cookie.match(/(?:^|; )distribyted-theme=([a-z-]+)/) || [])[1] || "auto";
    const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const base = () => new URL(document.baseURI).pathname;

    function apply(choice) {
        const shown = choice.startsWith("auto") ? system() : choice;
        document.documentElement.dataset.theme = shown;
        const stored = choice.startsWith("auto") ? "auto-" + shown : choice;
        document.cookie = `${name}=${stored}; path=${base()}; max-age=31536000; samesite=lax`;
        return shown === "dark";
    }

    window.distribytedTheme = {
        isDark: () => apply(read()),
        // Choosing what the system has means to follow it again.
        set: (choice) => apply(choice === system() ? "auto" : choice),
    };
    apply(read());
})();
