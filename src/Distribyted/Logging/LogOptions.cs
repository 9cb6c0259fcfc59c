namespace Distribyted.Logging;

/// <summary><c>log:</c> of the configuration.</summary>
internal sealed record LogOptions
{
    /// <summary>Folder of the JSON files; empty: none.</summary>
    public string Folder { get; set; } = "./distribyted-data/logs";

    /// <summary>Old files kept; 0: all.</summary>
    public int MaxBackups { get; set; } = 2;

    /// <summary>Bytes at which a file is rolled.</summary>
    public long MaxSize { get; set; } = 50L << 20;

    /// <summary>Days after which old files go; 0: never.</summary>
    public int MaxAge { get; set; }

    /// <summary>Lowest level, console and file.</summary>
    public LogThreshold Level { get; set; } = LogThreshold.Info;

    /// <summary>The same as <see cref="LogThreshold.Debug"/>.</summary>
    public bool Debug { get; set; }

    /// <summary>Levels of single projects or namespaces.</summary>
    public IReadOnlyDictionary<string, LogThreshold> Levels { get; set; } = new Dictionary<string, LogThreshold>(StringComparer.Ordinal);

    /// <summary>Console: JSON lines instead of text.</summary>
    public bool JsonConsole { get; set; }

    public bool Console { get; set; } = true;

    public LogThreshold Lowest => Debug && Level > LogThreshold.Debug ? LogThreshold.Debug : Level;
}
