namespace Distribyted.WebDav.Xml;

/// <summary>What of an entry goes into a property; <see cref="None"/> ends a template.</summary>
internal enum LiveValue
{
    None,
    DisplayName,
    ContentLength,
    ContentType,
    ETag,
    LastModified,
    Created,
    ActiveLocks,
}
