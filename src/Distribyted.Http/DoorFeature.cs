using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http;

/// <summary>Says which door a connection or a request came through.</summary>
public sealed class DoorFeature(Door door) : IDoorFeature
{
    /// <inheritdoc/>
    public Door Door { get; } = door;
}

/// <summary>Asks and sets the door.</summary>
public static class DoorExtensions
{
    /// <summary>The door of this request; <see cref="Door.Web"/> where no listener said otherwise.</summary>
    public static Door Door(this HttpContext context)
    {
        return context.Features.Get<IDoorFeature>()?.Door ?? Http.Door.Web;
    }

    /// <summary>Marks every connection of a listener: <c>kestrel.Listen(address, listen => listen.UseDoor(Door.WebDav))</c>.</summary>
    public static IConnectionBuilder UseDoor(this IConnectionBuilder listen, Door door)
    {
        var feature = new DoorFeature(door);
        return listen.Use(next =>
            connection =>
            {
                connection.Features.Set<IDoorFeature>(feature);
                return next(connection);
            }
        );
    }
}
