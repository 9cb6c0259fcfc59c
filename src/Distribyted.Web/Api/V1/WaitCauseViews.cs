using Distribyted.BitTorrent.Swarms;
using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Web.Api.V1;

/// <summary>Causes of waits as the API spells them: its words stay when those of the engine change.</summary>
internal static class WaitCauseViews
{
    public static WaitCauseView Of(WaitCause cause)
    {
        return cause switch
        {
            WaitCause.MetadataMissing => WaitCauseView.MetadataMissing,
            WaitCause.DiskFull => WaitCauseView.DiskFull,
            WaitCause.CacheFull => WaitCauseView.CacheFull,
            WaitCause.RateLimit => WaitCauseView.RateLimit,
            WaitCause.OneSlowPeer => WaitCauseView.OneSlowPeer,
            WaitCause.PeersSilent => WaitCauseView.PeersSilent,
            WaitCause.Arriving => WaitCauseView.Arriving,
            WaitCause.SourcesFail => WaitCauseView.SourcesFail,
            WaitCause.NoPeersKnown => WaitCauseView.NoPeersKnown,
            WaitCause.Connecting => WaitCauseView.Connecting,
            WaitCause.ConnectionLimit => WaitCauseView.ConnectionLimit,
            WaitCause.PeersUnreachable => WaitCauseView.PeersUnreachable,
            WaitCause.NoSeedHasPiece => WaitCauseView.NoSeedHasPiece,
            WaitCause.AllChoke => WaitCauseView.AllChoke,
            _ => WaitCauseView.AboutToAsk,
        };
    }
}
