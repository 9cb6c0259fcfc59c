// The connection of the page: comes back by itself after a restart of the server, a sleeping phone and a lost network. And what the pages ask of the browser.
(() => {
    const base = document.baseURI;
    const note = document.getElementById("offline");
    const retryEvery = 700; // ms
    const answerWithin = 2000; // ms
    const prefix = "distribyted-kept:" + new URL(base).pathname;

    // ---- what was typed -------------------------------------------------------------------------------------------------------------------------
    const kept = () => [...document.querySelectorAll("[data-keep] textarea, [data-keep] input, textarea[data-keep], input[data-keep]")];
    const keyOf = (field) => prefix + location.pathname + ":" + (field.closest("[data-keep]").dataset.keep || "");

    function keep() {
        for (const field of kept()) {
            if (field.value) sessionStorage.setItem(keyOf(field), field.value);
            else sessionStorage.removeItem(keyOf(field));
        }
    }

    function restore() {
        for (const field of kept()) {
            const text = sessionStorage.getItem(keyOf(field));
            if (text && !field.value) {
                field.value = text;
                field.dispatchEvent(new Event("input", { bubbles: true }));
                field.dispatchEvent(new Event("change", { bubbles: true }));
            }
        }
    }

    document.addEventListener("input", keep);

    // ---- the connection -------------------------------------------------------------------------------------------------------------------------
    let down = false;
    let trying = false;
    let timer = 0;
    let clock = null;

    // Not of a server that is about to end: loading the page anew then would leave the error page of the browser, which has no script that goes on.
    async function serverAnswers() {
        try {
            const answer = await fetch(new URL("health/ready", base), { cache: "no-store", signal: AbortSignal.timeout(answerWithin) });
            return answer.ok;
        } catch {
            return false;
        }
    }

    const pause = (time) => new Promise((done) => setTimeout(done, time));

    // Asks once more, since a server that is ending may answer on a connection that it has: a page that is loaded then is lost.
    async function reload() {
        keep();
        await pause(250);
        if (await serverAnswers()) location.reload();
    }

    async function comeBack() {
        clearTimeout(timer);
        if (!down || trying || document.visibilityState === "hidden") return;
        trying = true;
        try {
            if (await serverAnswers()) {
                // False: the server does not know this page any more, because it was started anew or because too much time went by.
                const isBack = await Blazor.reconnect().catch(() => false);
                if (isBack) up();
                else await reload();
            }
        } finally {
            trying = false;
            if (down) timer = setTimeout(comeBack, retryEvery);
        }
    }

    function lost() {
        down = true;
        note.hidden = false;
        comeBack();
    }

    function up() {
        down = false;
        note.hidden = true;
        clearTimeout(timer);
    }

    // A phone that slept believes in a connection that is long gone: ask, and do not wait for its timeout.
    async function check() {
        if (down || !clock) return comeBack();
        const isThere = await Promise.race([
            clock.invokeMethodAsync("IsThere").catch(() => false),
            new Promise((done) => setTimeout(() => done(false), answerWithin)),
        ]);
        if (!isThere && !down && (await serverAnswers())) await reload();
    }

    function tellVisible() {
        if (clock && !down) clock.invokeMethodAsync("SetVisible", document.visibilityState === "visible").catch(() => {});
    }

    let hiddenAt = 0;
    document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") {
            hiddenAt = Date.now();
            keep();
            tellVisible();
        } else if (down || Date.now() - hiddenAt > 10000) {
            check().then(tellVisible);
        } else {
            tellVisible();
        }
    });
    addEventListener("online", check);
    addEventListener("pageshow", (event) => event.persisted && check());
    document.addEventListener("resume", check);

    // ---- what pages ask -------------------------------------------------------------------------------------------------------------------------
    // Browsers have a clipboard for https and this machine only; over plain http in a home network the old way is left.
    async function copy(text) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch {
            const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
            field.style.cssText = "position:fixed;opacity:0";
            const focused = document.activeElement;
            document.body.append(field);
            field.select();
            const isDone = document.execCommand("copy");
            field.remove();
            focused?.focus();
            return isDone;
        }
    }

    window.distribyted = {
        begin(pageClock) {
            clock = pageClock;
            restore();
            tellVisible();
            return distribytedTheme.isDark();
        },
        setTheme: (choice) => distribytedTheme.set(choice),
        isConnected: () => clock !== null && !down,
        restore,
        forget: (key) => sessionStorage.removeItem(prefix + location.pathname + ":" + key),
        copy,
        recall: (key) => localStorage.getItem(prefix + key),
        remember: (key, text) => localStorage.setItem(prefix + key, text),
    };

    // ---- .torrent files that are dropped anywhere -----------------------------------------------------------------------------------------------
    let dropInto = null;
    const hasFiles = (event) => dropInto && [...(event.dataTransfer?.types ?? [])].includes("Files");
    document.addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
    document.addEventListener("drop", (event) => {
        document.body.classList.remove("dropping");
        if (!hasFiles(event)) return;
        event.preventDefault();
        const field = document.getElementById(dropInto);
        if (!field) return;
        field.files = event.dataTransfer.files;
        field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    Object.assign(window.distribyted, {
        // Whether magnet links can be opened here: browsers allow that to secure pages only.
        beginDrop(id) {
            dropInto = id;
            return isSecureContext && "registerProtocolHandler" in navigator;
        },
        endDrop: () => (dropInto = null),
        openMagnets: () => navigator.registerProtocolHandler("magnet", new URL("add?link=%s", base).href.replace("%25s", "%s")),
    });

    document.addEventListener("click", (event) => {
        if (event.target.closest?.("a.skip")) {
            event.preventDefault();
            document.getElementById("content").focus();
        }
    });

    Blazor.start({
        circuit: {
            reconnectionHandler: { onConnectionDown: lost, onConnectionUp: up },
        },
    });
})();
