using System.Diagnostics;
using System.Diagnostics.Metrics;
using Distribyted.Http.Listeners;

namespace Distribyted.Http.Telemetry;

/// <summary>Instruments of this project, meter <c>Distribyted.Http</c>.</summary>
internal sealed class HttpAccessMetrics
{
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _files;
    private readonly Counter<long> _signIns;

    public HttpAccessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Distribyted.Http");
        _active = meter.CreateUpDownCounter<long>("distribyted.http.files.active", "{file}", "Files being sent right now.");
        _bytes = meter.CreateCounter<long>("distribyted.http.files.sent", "By", "Bytes of files sent to clients.");
        _files = meter.CreateCounter<long>("distribyted.http.files", "{file}", "Files sent, by listener and by how it ended.");
        _signIns = meter.CreateCounter<long>("distribyted.http.sign_ins", "{attempt}", "Attempts to sign in that failed, by reason.");
    }

    public void FileStarted()
    {
        _active.Add(1);
    }

    public void Sent(Listener listener, int bytes)
    {
        _bytes.Add(bytes, new KeyValuePair<string, object?>("listener", listener.Name));
    }

    public void FileEnded(Listener listener, FileEnd end)
    {
        _active.Add(-1);
        _files.Add(1, new TagList { { "listener", listener.Name }, { "end", Name(end) } });
    }

    public void SignInFailed(string reason)
    {
        _signIns.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    private static string Name(FileEnd end)
    {
        return end switch
        {
            FileEnd.Complete => "complete",
            FileEnd.Failed => "failed",
            _ => "aborted",
        };
    }
}
